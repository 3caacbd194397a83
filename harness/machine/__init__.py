"""The machine: clocks, processes, what they use. Imports no other room."""

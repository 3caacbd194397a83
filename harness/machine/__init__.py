"""The machine: clocks, processes, CPU and memory usage. Imports no other room."""

"""The results document: its types, how it is stored, the environment. May import `machine`."""

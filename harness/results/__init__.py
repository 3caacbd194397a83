"""The results document: its types, its storage, the environment. May import `machine`."""

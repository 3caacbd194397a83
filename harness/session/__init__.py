"""A run: its services, its trials, its growing document. May import every room but the command line."""

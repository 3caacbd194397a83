"""A run: its services, its document as it grows, its trials. May import every room but the command line."""

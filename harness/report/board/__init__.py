"""What others measured: documents without names of machines and people, verified, as one page."""

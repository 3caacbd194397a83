"""What a release is checked with, and its notes (CONTRIBUTING.md, "Releasing")."""

"""One rule a file: each defines RULE."""

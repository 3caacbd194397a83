"""One file a chart; `section.py` puts them in order."""

"""One file a chart; `of_section.py` puts them in order."""

"""One file per chart; `of_section.py` puts them in order."""

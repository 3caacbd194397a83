"""One file a table; `harness/report/report.py` puts them together."""

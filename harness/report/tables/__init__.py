"""One file per table; `harness/report/report.py` puts them together."""

"""One file a format: each renders the report that `harness/report/report.py` defines."""

"""One file per format: each renders the report that `harness/report/report.py` defines."""

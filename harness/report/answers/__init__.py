"""One file for each kind of view: what the answer says of it; `harness/report/answer.py` puts them together."""

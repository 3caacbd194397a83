"""Sampling stacks of other processes; `samplers.py` says by which tool, `running.py` runs it."""

"""Intervals, metrics, comparisons, sweeps and doubts: pure functions. May import `results`."""

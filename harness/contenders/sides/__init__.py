"""Finds what a side declares of a workload, and adapts it to the contenders."""

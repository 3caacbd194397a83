"""By what a run knows the workbench's origin."""

SERVICE = "workbench-origin"
PROTOCOL = 2
"""Changes with what routes take or answer: a run uses no origin with another number."""

"""How busy slots and cores are planned to be."""

UTILISATION = 0.7
"""Planned for, unless another is given: at 70 % of its core, a request waits for 1.2 times what it computes on average,
at 90 % for 4.5 times (M/D/1); and 1.4 times the rate still fits."""

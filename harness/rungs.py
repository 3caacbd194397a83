"""The effects of a ladder's rungs in words. Pure functions."""

from harness.model import Comparison, Results, View

METRICS = {
    "throughput_per_s": "throughput",
    "publish_per_s": "publishing",
    "latency_p50_ms": "median latency",
    "latency_p99_ms": "p99 latency",
    "cpu_s_per_1000": "CPU a request",
    "memory_mb": "memory",
}
"""Metric → what it is called."""
NO_DIFFERENCE, NOT_MEASURED, TOO_FEW = "no difference", "not measured", "too few rounds to say"


def effects(document: Results, view: View) -> list[Comparison]:
    """Those of a rung."""
    return [one for one in document.comparisons if one.view == view.name]


def told(found: list[Comparison]) -> str:
    """What a rung buys."""
    if not found:
        return NOT_MEASURED
    if any(one.verdict is None for one in found):
        return TOO_FEW
    parts = dict.fromkeys(
        f"{METRICS[one.metric]} {one.verdict} ({100 * (one.ratio - 1):+.0f} %)"
        for one in found
        if one.verdict != NO_DIFFERENCE
    )
    return "; ".join(parts) or NO_DIFFERENCE

"""The effects of a ladder's rungs in words. Pure functions."""

from harness.results.model import Comparison, Results, View

METRICS = {
    "throughput_per_s": "throughput",
    "publish_per_s": "publishing",
    "latency_p50_ms": "median latency",
    "latency_p99_ms": "p99 latency",
    "cpu_s_per_1000": "CPU a request",
    "memory_mb": "memory",
}
"""Metric → what it is called."""
TOGETHER = "all that helped"
"""Name of the last rung."""
NO_DIFFERENCE, NOT_MEASURED, TOO_FEW = "no difference", "not measured", "too few rounds to say"


def effects(document: Results, view: View) -> list[Comparison]:
    """Those of a rung."""
    return [one for one in document.comparisons if one.view == view.name]


def direction(found: list[Comparison]) -> str | None:
    """Whether a rung made things `faster` or `slower`, by its first metric of speed that differs; else None."""
    speeds = (one.verdict for one in firsts(found).values())
    return next((verdict for verdict in speeds if verdict in ("faster", "slower")), None)


def decided(found: list[Comparison]) -> bool:
    """Whether each of its metrics has a verdict."""
    return bool(found) and all(one.verdict is not None for one in firsts(found).values())


def told(found: list[Comparison]) -> str:
    """What a rung buys."""
    if not found:
        return NOT_MEASURED
    parts = [
        f"{METRICS[one.metric]} {one.verdict} ({100 * (one.ratio - 1):+.0f} %)"
        for one in firsts(found).values()
        if one.verdict not in (None, NO_DIFFERENCE)
    ]
    return "; ".join(parts) or (NO_DIFFERENCE if decided(found) else TOO_FEW)


def firsts(found: list[Comparison]) -> dict[str, Comparison]:
    """Each metric under the first load that shows it, in the order of the metrics."""
    by_metric = {one.metric: one for one in reversed(found)}
    return {metric: by_metric[metric] for metric in METRICS if metric in by_metric}

"""Reasons not to trust a number that lie in its driver: a blocked event loop, clients that figures do not explain."""

from harness.results.model import Cell, Doubt, LoopLag
from harness.statistics.units import percent

LOOP_BLOCKED = "loop-blocked"
BLOCKED_MOST = 0.05
"""Share of a window in which the event loop of the work may be held for longer than 10 ms at a time."""
LITTLES_LAW_MOST = 0.02


def of_loop(blocked: float | None, busy: float | None, lag: LoopLag | None, limits: bool) -> list[Doubt]:
    """Doubts if the event loop in which the work runs was blocked; `limits`: whether it was what limited the row."""
    if lag is None or blocked is None or (blocked <= BLOCKED_MOST and not limits):
        return []
    held, at_a_time = _share(blocked, busy), " for longer than 10 ms at a time" if blocked > BLOCKED_MOST else ""
    return [
        Doubt(
            kind=LOOP_BLOCKED,
            text=f"the event loop in which the work runs was held{at_a_time} during {percent(held)} of the window "
            f"(loop lag p99 {lag.p99:.3g} ms), and all other requests waited: the row shows what blocks rather than "
            "asyncio",
            advice="call what blocks in a thread (asyncio.to_thread) or, if it computes, in a process",
        )
    ]


def loop_blocked(cell: Cell) -> float | None:
    """For what share of the window a cell's event loop was blocked; None where it has no such doubt."""
    summary = cell.summary
    if summary is None or all(doubt.kind != LOOP_BLOCKED for doubt in summary.doubts):
        return None
    return _share(summary.loop_blocked or 0.0, summary.loop_busy)


def _share(blocked: float, busy: float | None) -> float:
    """Held for long at a time; or, where that is rare, held at all."""
    return blocked if blocked > BLOCKED_MOST else busy or 0.0


def of_littles_law(clients: int | None, mean_ms: float, per_s: float, chance: float) -> list[Doubt]:
    """Doubts if clients ÷ mean latency is not the throughput; `chance`: by what part the mean may lie off by chance."""
    if clients is None or not mean_ms or not per_s:
        return []
    by_latency_per_s = 1000 * clients / mean_ms
    if abs(by_latency_per_s / per_s - 1) <= LITTLES_LAW_MOST + chance:
        return []
    return [
        Doubt(
            kind="littles-law",
            text=f"{clients} clients ÷ a mean latency of {mean_ms:,.4g} ms are {by_latency_per_s:,.4g} requests/s, but "
            f"the throughput is {per_s:,.4g}/s: {_why(by_latency_per_s > per_s)}",
            advice="look at failed requests and at the timeline; measure longer (--duration)",
        )
    ]


def _why(too_quick: bool) -> str:
    if too_quick:
        return "for a part of the time, clients waited for something that is in no good reply's latency"
    return "the latencies are longer than those of what was served in the window, which was not at rest"

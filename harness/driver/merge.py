"""What several drivers of one trial recorded, as one recording."""

from collections.abc import Sequence

from harness.driver.messages import Recording
from harness.machine.usage import together
from harness.results.model import LoopLag

STATUSES = ("failed", "disqualified", "measured")
"""The worst first."""


def merged(recordings: Sequence[Recording]) -> Recording:
    """Of a load without end: the window is the time during which all drivers' windows were open."""
    if len(recordings) == 1:
        return recordings[0]
    worst = min(recordings, key=lambda recording: STATUSES.index(recording.status))
    failures: dict[str, tuple[int, str]] = {}
    for recording in recordings:
        for kind, (count, example) in recording.failures.items():
            known, first = failures.get(kind, (0, example))
            failures[kind] = known + count, first
    measures: dict[str, tuple[int, float]] = {}
    for recording in recordings:
        for key, (count, total) in recording.measures.items():
            known, so_far = measures.get(key, (0, 0.0))
            measures[key] = known + count, so_far + total
    readings = [recording.driver for recording in recordings if recording.driver is not None]
    lags = [recording.loop_lag for recording in recordings if recording.loop_lag is not None]
    firsts, lasts = [first for first, _ in readings], [last for _, last in readings]
    return Recording(
        status=worst.status,
        error=worst.error,
        opened_ns=max(recording.opened_ns for recording in recordings),
        closed_ns=min(recording.closed_ns for recording in recordings),
        issued=sum(recording.issued for recording in recordings),
        recorded=sum(recording.recorded for recording in recordings),
        failures=failures,
        measures=measures,
        replies={number: reply for part in reversed(recordings) for number, reply in part.replies.items()},
        driver=(together(firsts), together(lasts)) if len(readings) == len(recordings) else None,
        loop_lag=_worst(lags),
        loop_busy=_most([recording.loop_busy for recording in recordings]),
        loop_blocked=_most([recording.loop_blocked for recording in recordings]),
        loop_longest_ms=_most([recording.loop_longest_ms for recording in recordings]),
        memory_mb=_summed([recording.memory_mb for recording in recordings]),
        clocks_comparable=all(recording.clocks_comparable for recording in recordings),
        at_rest=all(recording.at_rest for recording in recordings),
        debug=any(recording.debug for recording in recordings),
    )


def _worst(lags: Sequence[LoopLag]) -> LoopLag | None:
    """Each figure of the driver in which it is the largest: one that stood still for long may have the least else."""
    if not lags:
        return None
    return LoopLag(**{part: max(getattr(lag, part) for lag in lags) for part in LoopLag.__struct_fields__})


def _summed(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    """At the moments that all have."""
    return {name: sum(part[name] for part in parts) for name in parts[0] if all(name in part for part in parts)}


def _most(shares: Sequence[float | None]) -> float | None:
    return max((share for share in shares if share is not None), default=None)

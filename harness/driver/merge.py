"""What several drivers of one trial recorded, as one recording."""

from collections.abc import Sequence

from harness.driver.messages import Recording
from harness.machine.usage import together

STATUSES = ("failed", "disqualified", "measured")
"""The worst first."""


def merged(recordings: Sequence[Recording]) -> Recording:
    """Of a load without end: the window is the time during which all drivers' windows were open."""
    if len(recordings) == 1:
        return recordings[0]
    worst = min(recordings, key=lambda one: STATUSES.index(one.status))
    failures: dict[str, tuple[int, str]] = {}
    for one in recordings:
        for kind, (count, example) in one.failures.items():
            known, first = failures.get(kind, (0, example))
            failures[kind] = known + count, first
    measures: dict[str, tuple[int, float]] = {}
    for one in recordings:
        for key, (count, total) in one.measures.items():
            known, so_far = measures.get(key, (0, 0.0))
            measures[key] = known + count, so_far + total
    readings = [one.driver for one in recordings if one.driver is not None]
    lags = [one.loop_lag for one in recordings if one.loop_lag is not None]
    firsts, lasts = [first for first, _ in readings], [last for _, last in readings]
    return Recording(
        status=worst.status,
        error=worst.error,
        opened_ns=max(one.opened_ns for one in recordings),
        closed_ns=min(one.closed_ns for one in recordings),
        issued=sum(one.issued for one in recordings),
        recorded=sum(one.recorded for one in recordings),
        failures=failures,
        measures=measures,
        driver=(together(firsts), together(lasts)) if len(readings) == len(recordings) else None,
        loop_lag=max(lags, key=lambda lag: lag.p99, default=None),
        clocks_comparable=all(one.clocks_comparable for one in recordings),
        debug=any(one.debug for one in recordings),
    )

"""What a request costs the broker in commands and bytes: whole numbers, which no load on the machine changes."""

from typing import NamedTuple

from harness.loads.load import LoadFigures
from harness.machine.usage import Reading

REQUESTS_LEAST = 50
"""With fewer, those at the edges of a window would weigh too much."""
NEAR = 0.15
"""A command that a request takes nearly a whole number of times takes that many: the rest are requests at the edges.
What is taken less often than that is no part of a request, such as a look that found nothing."""


class ExactCosts(NamedTuple):
    """Of a request, on average."""

    calls: dict[str, float]
    """Command → how often it is called."""
    bytes_moved: float | None
    """Bytes that the broker receives and sends."""


def exact_costs(readings: tuple[Reading, Reading] | None, figures: LoadFigures) -> ExactCosts:
    """Between two readings of a broker; nothing where it does not count, or where there were too few requests."""
    if readings is None:
        return ExactCosts({}, None)
    first, last = readings
    seconds = (last.at_ns - first.at_ns) / 1e9
    done, per_s = figures.completed, figures.throughput_per_s or 0.0
    requests = per_s * seconds if done is None else float(done)
    if requests < REQUESTS_LEAST or last.count is None:
        return ExactCosts({}, None)
    calls = {name: (count - first.calls.get(name, 0)) / requests for name, count in sorted(last.calls.items())}
    moved = None
    if first.bytes_moved is not None and last.bytes_moved is not None:
        moved = (last.bytes_moved - first.bytes_moved) / requests
    return ExactCosts({name: whole for name, each in calls.items() if (whole := _whole(each))}, moved)


def _whole(each: float) -> float:
    nearest = round(each)
    return float(nearest) if abs(each - nearest) <= NEAR else round(each, 2)

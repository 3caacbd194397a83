"""What a request costs the broker in commands, messages and bytes: whole numbers, whatever else the machine does."""

from typing import NamedTuple

from harness.loads.load import LoadFigures
from harness.machine.usage import Reading
from harness.results.trials import OF_MESSAGES

REQUESTS_LEAST = 50
"""With fewer, those at the edges of a window would weigh too much."""
TIMES_UNDER_WAY_LEAST = 6
"""As many requests as are under way at once, times this: with fewer, a command that each takes three times could be off
by one half."""
NEAR = 0.15
"""A command that a request takes nearly a whole number of times takes that many: the rest are requests at the edges.
What is taken less often than that is no part of a request, such as a look that found nothing."""


class ExactCosts(NamedTuple):
    """Of a request, on average."""

    calls: dict[str, float]
    """Command → how often it is called; `messages …` → how many."""
    bytes_moved: float | None
    """Bytes that the broker receives and sends."""

    @property
    def commands(self) -> float | None:
        """Those of a Redis, added up."""
        commands = [each for name, each in self.calls.items() if not name.startswith(OF_MESSAGES)]
        return sum(commands) if commands else None


def exact_costs(
    readings: tuple[Reading, Reading] | None, figures: LoadFigures, latency_ms: float | None = None
) -> ExactCosts:
    """Between two readings of a broker; nothing where it does not count, or where there were too few requests.

    `latency_ms`: the mean, by which a steady load has requests under way at the moment of a reading.
    """
    if readings is None:
        return ExactCosts({}, None)
    first, last = readings
    seconds = (last.at_ns - first.at_ns) / 1e9
    done, per_s = figures.completed, figures.throughput_per_s or 0.0
    requests = per_s * seconds if done is None else float(done)
    under_way = per_s * (latency_ms or 0.0) / 1000 if done is None else 0.0
    if requests < max(REQUESTS_LEAST, TIMES_UNDER_WAY_LEAST * under_way) or last.count is None:
        return ExactCosts({}, None)
    calls = {name: (count - first.calls.get(name, 0)) / requests for name, count in sorted(last.calls.items())}
    moved = None
    if first.bytes_moved is not None and last.bytes_moved is not None:
        moved = (last.bytes_moved - first.bytes_moved) / requests
    at_edges = under_way / requests
    return ExactCosts({name: whole for name, each in calls.items() if (whole := _whole(each, at_edges))}, moved)


def _whole(each: float, at_edges: float) -> float:
    """`at_edges`: the share of requests that may have taken some of their commands outside the two readings."""
    nearest = round(each)
    return float(nearest) if abs(each - nearest) <= max(NEAR, nearest * at_edges) else round(each, 2)

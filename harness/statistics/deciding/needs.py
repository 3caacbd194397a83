"""What a rate takes on a side: cores, processes or slots, machines like this one. Pure; it goes beyond what was seen.

The CPU of a request, and the most that one process or one worker does, are taken to be the same at every rate.
"""

import math
from typing import NamedTuple

from harness.statistics.deciding.figures import SideFigures

SLOTS_TIMES = 1.5
"""Slots ÷ requests that are under way on average."""


class Needs(NamedTuple):
    """Of one side; None where it is not known."""

    cores: float | None
    machines: int | None
    """Like this one, by cores."""
    processes: int | None
    """Of asyncio: event loops; of Celery: workers."""
    slots: int | None
    """Of Celery, over all workers."""


def needs(side: SideFigures, rate_per_s: float, cores: float) -> Needs:
    """What that rate takes on a side. `cores`: of this machine."""
    each_s = side.cpu_s.value if side.cpu_s else side.alone_cpu_s
    needed = each_s * rate_per_s if each_s else None
    most = side.most_per_s
    alone_s = side.alone_s
    return Needs(
        cores=needed,
        machines=math.ceil(needed / cores) if needed and cores else None,
        processes=math.ceil(rate_per_s / most) if most else None,
        slots=None if side.side == "asyncio" or alone_s is None else slots_for(rate_per_s, alone_s),
    )


def slots_for(rate_per_s: float, alone_s: float) -> int:
    """Slots that a rate needs.

    Little's law: as many requests are under way as arrive while one is served. Arrivals come in clusters, and a slot is
    busy for longer than the work, so there are more.
    """
    return math.ceil(SLOTS_TIMES * rate_per_s * alone_s)

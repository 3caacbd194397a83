"""What in the work itself lets only so many requests through at once, over all processes that execute it. Pure."""

from typing import Any

from harness.contenders.contender import Contender, even_part
from workloads.workload import Places, Workload


def places_of(
    workload: Workload[Any], contender: Contender, slots: int | None, *, drivers: int, shards: int
) -> Places | None:
    """That limit, of all of them together; None where one of them has none, or where it is not known."""
    processes = contender.bodies(drivers, shards)
    side = contender.body or contender.side
    parts = [even_part(slots, process, processes) if slots else None for process in range(processes)]
    limits = [workload.at_once(side, part) for part in parts]
    known = [limit for limit in limits if limit is not None]
    if not known or (slots is None and len(known) < processes):
        return None
    number = sum((part or 0) if limit is None else limit.number for part, limit in zip(parts, limits, strict=True))
    return known[0]._replace(number=number)

"""What the work itself lets through at once, over all processes that execute it."""

from typing import Any

import pytest

from harness import registry
from harness.contenders.contender import contender_of
from harness.contenders.sides.places import places_of
from workloads.workload import Places, Services, Workload


def work(name: str, **params: Any) -> Workload[Any]:
    """That workload with these parameters."""
    kind = registry.load("workload", name)
    made: Workload[Any] = kind(kind.Params(**params), Services(), 0)
    return made


@pytest.mark.parametrize(
    ("contender", "settings", "drivers", "shards", "connections"),
    [
        ("asyncio", [], 1, 1, 5),
        ("asyncio", [], 3, 1, 15),
        ("celery-asyncio", [], 1, 1, 5),
        ("celery-asyncio", ["2-workers"], 4, 1, 10),
        ("celery-asyncio", ["2-workers"], 1, 3, 30),
        ("queue-bare", [], 2, 1, 5),
        ("celery-threads", [], 1, 1, None),
    ],
)
def test_each_process_that_executes_coroutines_has_a_pool(
    contender: str, settings: list[str], drivers: int, shards: int, connections: int | None
) -> None:
    """Drivers, or the workers on each shard of the broker; the other side has no such pool."""
    found = places_of(
        work("http_date", connections=5, latency_ms=100.0),
        contender_of(contender, settings),
        60,
        drivers=drivers,
        shards=shards,
    )
    assert found == (None if connections is None else Places("connections", connections, 0.1))


@pytest.mark.parametrize(("slots", "drivers", "places"), [(13, 2, 12), (12, 2, None), (20, 2, 12), (None, 2, 12)])
def test_a_process_with_no_more_slots_than_threads_is_limited_by_its_slots(
    slots: int | None, drivers: int, places: int | None
) -> None:
    """Of 13 slots on two drivers, one has 7 for its 6 threads and the other one 6: twelve calls at once."""
    call = work("blocking_call", threads=6, seconds=0.1)
    found = places_of(call, contender_of("asyncio"), slots, drivers=drivers, shards=1)
    assert (found and found.number) == places

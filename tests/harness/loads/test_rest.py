"""A window opens only once its load is at rest: then throughput is right also where requests queue inside the work."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.fake import Fake, FakeSide
from harness.machine.clock import NS, VirtualLoop
from harness.machine.usage import boot_id
from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive
from workloads.workload import Workload

Seconds = Callable[[int], float]
"""Number of a request → how long it takes once it is let through."""


class InBody(Fake):
    """Work with a queue of its own: as many as there are slots begin, and a pool lets `places` of them through."""

    def __init__(self, places: int, seconds: Seconds) -> None:
        super().__init__()
        self._places, self._seconds = places, seconds

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Any]:
        """Nothing to connect to."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        yield InBodySide(loop, assignment.slots, self._places, self._seconds)


class InBodySide(FakeSide):
    """Executes as soon as there is a slot, and waits for the pool while it executes."""

    def __init__(self, loop: VirtualLoop, slots: int | None, places: int, seconds: Seconds) -> None:
        super().__init__(loop, slots, 0.0, lambda *_: None)
        self._pool, self._seconds = asyncio.Semaphore(places), seconds
        self._clock: Callable[[], int] = loop.now_ns

    async def submit(self, request: Request) -> Outcome:
        """Take a slot, then a place in the pool."""
        published = self._clock()
        async with self._slots:
            start = self._clock()
            async with self._pool:
                await asyncio.sleep(self._seconds(request.id))
        reply = request.payload["seconds"]
        return Outcome(reply, None, published, start, self._clock(), "fake", boot_id())


def fixed(seconds: float) -> Seconds:
    """Always the same."""
    return lambda _: seconds


def pareto(number: int) -> float:
    """A heavy tail: a mean of 50 ms, and now and then some seconds."""
    return float(0.03 * (1 - random.Random(number).random()) ** (-1 / 2.5))


def driven(folder: Path, contender: Fake, **spec: Any) -> Driven:
    """A trial on as many slots as it needs."""
    given = {"slots": 1000, "load": "closed:60", "warmup_s": 0.2, "duration_s": 5.0, **spec}
    return drive(spec_of(folder / "spool", **given), SilentLink(), contender)


@pytest.mark.parametrize(("places", "clients"), [(100, 300), (20, 60), (20, 47), (6, 64), (1, 5)])
def test_a_pool_within_the_work_bounds_the_throughput(tmp_path: Path, places: int, clients: int) -> None:
    """Places ÷ 0.5 s: what waits for a place executes already, and its durations grow until the queue is full."""
    run = driven(tmp_path, InBody(places, fixed(0.5)), load=f"closed:{clients}")
    assert run.recording.at_rest
    assert run.fold.throughput_per_s == pytest.approx(places / 0.5, rel=0.005)


def test_a_window_lasts_a_dozen_of_the_response_times_that_are_seen(tmp_path: Path) -> None:
    """60 clients on 20 places of 0.5 s: replies take 1.5 s, so that a second would be too short."""
    run = driven(tmp_path, InBody(20, fixed(0.5)), duration_s=1.0)
    assert run.fold.seconds == pytest.approx(18.0, rel=0.01)


def test_a_window_for_long_work_lasts_a_minute(tmp_path: Path) -> None:
    """Twelve response times of eight seconds would take longer; a second, as was asked for, would hold no request."""
    run = driven(tmp_path, InBody(1000, fixed(8.0)), load="closed:4", duration_s=1.0)
    assert run.fold.seconds == pytest.approx(60.0, rel=0.01)
    assert run.fold.throughput_per_s == pytest.approx(0.5, rel=0.005)


@pytest.mark.parametrize("duration_s", [5.0, 5.1, 5.17, 5.25, 5.33, 5.499])
def test_waves_do_not_bend_the_throughput(tmp_path: Path, duration_s: float) -> None:
    """All clients on a pool of half as many, in lockstep: wherever in a wave the window ends."""
    run = driven(tmp_path, InBody(8, fixed(0.5)), load="closed:16", duration_s=duration_s)
    assert run.fold.throughput_per_s == pytest.approx(16.0, rel=0.005)


def test_a_heavy_tail_does_not_bend_the_throughput(tmp_path: Path) -> None:
    """By Little's law: clients ÷ the mean time of all requests that were served, of which a few take very long."""
    run = driven(tmp_path, InBody(1000, pareto), load="closed:32", duration_s=60.0)
    mean_s = sum(map(pareto, range(run.recording.issued))) / run.recording.issued
    assert run.fold.throughput_per_s == pytest.approx(32 / mean_s, rel=0.005)


def test_the_end_of_the_load_is_no_part_of_the_window(tmp_path: Path) -> None:
    """Requests go on to be issued until those have ended that were under way when the window closed."""
    run = driven(tmp_path, InBody(20, fixed(0.5)))
    after = [row for row in run.rows.tolist() if row[1] >= run.recording.closed_ns]
    straddling = [row[6] for row in run.rows.tolist() if row[1] < run.recording.closed_ns <= row[6]]
    assert max(row[1] for row in after) >= max(straddling) - 0.5 * NS


def test_an_open_load_waits_until_its_queue_is_as_long_as_it_gets(tmp_path: Path) -> None:
    """Arrivals of 30/s that take two seconds each: 60 are under way when the window opens, not 6."""
    run = driven(tmp_path, InBody(1000, fixed(2.0)), load="open:30/s:uniform")
    assert run.recording.at_rest
    assert run.fold.backlog[0] == pytest.approx(60, abs=2)


def test_a_load_that_never_comes_to_rest_says_so(tmp_path: Path) -> None:
    """More arrives than is served: measured all the same, after a limit."""
    run = driven(tmp_path, InBody(2, fixed(0.1)), load="open:60/s")
    assert not run.recording.at_rest


def test_a_client_that_waits_for_ever_is_no_hindrance_for_ever(tmp_path: Path) -> None:
    """Its request is given up at its deadline, which counts as its reply."""
    never = InBody(1000, lambda number: 1e6 if number == 3 else 0.05)
    run = driven(tmp_path, never, load="closed:4", timeout_s=1.0)
    assert run.recording.at_rest
    assert run.recording.opened_ns > NS

"""Open: arrivals that wait for nobody, and rates that are served or are not."""

import asyncio
import itertools
import statistics
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from harness.contenders.fake import Fake, echo
from harness.loads.load import parse_load
from harness.loads.open import AT_ONCE, Open, Pacer, grows
from harness.machine.clock import NS
from harness.statistics.doubts import UNSUSTAINABLE
from tests.builders import SilentLink, spec_of
from tests.harness.loads.conftest import CAPACITY_PER_S, MS, SLOTS, Costly, Run, after_warm_up, kinds, stalling
from tests.running import drive, due_of
from workloads.workload import Payload


@pytest.mark.parametrize("utilisation", [0.5, 0.85, 0.95])
def test_a_rate_that_is_served_is_sustained(tmp_path: Path, utilisation: float) -> None:
    """The queue wanders, and no doubt is raised."""
    rate = utilisation * CAPACITY_PER_S
    _, figures = after_warm_up(tmp_path, f"open:{rate:g}/s", duration_s=10.0)
    assert [doubt.kind for doubt in figures.doubts] == []
    assert figures.sustained_per_s == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("utilisation", [1.2, 2.0])
def test_a_rate_that_is_not_served_is_unsustainable(tmp_path: Path, utilisation: float) -> None:
    """With what was served; the throughput is that, and not the rate."""
    rate = utilisation * CAPACITY_PER_S
    _, figures = after_warm_up(tmp_path, f"open:{rate:g}/s", duration_s=10.0)
    assert UNSUSTAINABLE in [doubt.kind for doubt in figures.doubts]
    assert figures.throughput_per_s == figures.sustained_per_s == pytest.approx(80.0, rel=1e-3)


def test_a_backlog_grows_only_steadily_and_beyond_chance() -> None:
    """Up and down is no growth, nor is a step at the end; and a few requests of many are none."""
    assert grows(list(range(0, 410, 10)), arrivals=1000)
    assert not grows(list(range(0, 41)), arrivals=1000)
    assert not grows([0, 400] * 20 + [0], arrivals=1000)
    assert not grows([200] * 31 + [600] * 10, arrivals=1000)


def test_poisson_arrivals_have_their_mean_and_their_scatter() -> None:
    """Gaps of mean 1 ÷ rate and as large a deviation; the same for the same seed, others for another."""
    load = Open(100.0)
    gaps = list(itertools.islice(load.gaps_ns(1), 20_000))
    assert statistics.fmean(gaps) == pytest.approx(NS / 100, rel=0.03)
    assert statistics.stdev(gaps) == pytest.approx(NS / 100, rel=0.03)
    assert gaps == list(itertools.islice(load.gaps_ns(1), 20_000))
    assert gaps[:9] != list(itertools.islice(load.gaps_ns(2), 9))


def test_uniform_arrivals_are_even() -> None:
    """Each gap is 1 ÷ rate."""
    assert set(itertools.islice(Open(100.0, "uniform").gaps_ns(1), 100)) == {NS // 100}


@pytest.mark.parametrize("drivers", [2, 3])
def test_even_arrivals_of_several_drivers_take_turns(drivers: int) -> None:
    """Together they are as even as those of one; as they are written, a driver reads them again."""
    whole = Open(100.0, "uniform")
    parts = [parse_load(whole.share(index, drivers).text, "a driver") for index in range(drivers)]
    due: list[int] = []
    for part in parts:
        assert isinstance(part, Open)
        due += itertools.accumulate(itertools.islice(part.gaps_ns(1), 30))
    gaps = [after - before for before, after in itertools.pairwise(sorted(due))]
    assert gaps == pytest.approx([NS / 100] * len(gaps), abs=2)


def test_a_number_of_requests_is_not_exceeded_by_arrivals_that_were_late(tmp_path: Path) -> None:
    """A service that is somebody else's gets no request beyond those allowed, however late the driver is."""

    def stalling(number: int, payload: Payload) -> Any:
        if number == 20:
            asyncio.get_running_loop()._virtual.now_ns += NS  # type: ignore[attr-defined]
        return echo(number, payload)

    driven, _ = after_warm_up(
        tmp_path, "open:100/s:uniform", Fake(stalling), requests=60, duration_s=None, warmup_s=0.0
    )
    assert driven.recording.issued == 60


@pytest.mark.timeout(60)
def test_a_rate_beyond_the_drivers_means_does_not_block_it(tmp_path: Path) -> None:
    """More is due at each moment than can be begun: the window closes all the same, and no request is left out."""

    class Slow(Fake):
        def clock(self, loop: asyncio.AbstractEventLoop) -> Any:
            clock: Any = super().clock(loop)
            read = clock.now

            def now() -> int:
                loop._virtual.now_ns += 2_000  # type: ignore[attr-defined]
                return int(read())

            clock.now = now
            return clock

    driven, _ = after_warm_up(
        tmp_path, "open:1000000/s:uniform", Slow(), warmup_s=0.0, duration_s=0.002, workload="noop"
    )
    assert driven.fold.counts.ok == driven.fold.counts.submitted > 1000


def test_a_rate_that_the_driver_cannot_begin_ends_the_trial_with_the_reason(tmp_path: Path) -> None:
    """Each request takes 15 ms to publish, 400 are due a second: all of them would begin after their deadlines."""
    spec = spec_of(tmp_path / "spool", load="open:400/s:uniform", slots=SLOTS, timeout_s=10.0)
    recording = drive(spec, SilentLink(), Costly(publish_ms=15)).recording
    assert recording.status == "failed"
    assert recording.error is not None
    assert recording.error.startswith(
        "the driver was 10.1 s late to begin requests, longer than one may take: it began"
    )
    assert " 67 of 401 a second. Use a lower rate or more drivers (--drivers), or, on the Ce" in recording.error


async def test_what_was_due_before_the_end_begins_a_few_at_a_time() -> None:
    """A late driver goes on to report: it is taken for dead after 15 s without a word."""
    begun: list[int] = []
    rounds: list[int] = []

    async def issue(due_ns: int, task: asyncio.Task[Any] | None) -> int:
        begun.append(due_ns)
        return due_ns

    issuer = SimpleNamespace(
        issue=issue, full=False, deadline_ns=NS, issued=0, clock=SimpleNamespace(now=lambda: 0, call_off=lambda: None)
    )
    pacer = Pacer(cast("Any", SimpleNamespace(issuer=issuer, closed_ns=1001)), itertools.repeat(1))
    ending = asyncio.create_task(pacer.end())
    while not ending.done():
        await asyncio.sleep(0)
        rounds.append(len(begun))
    assert begun == list(range(1, 1001))
    assert max(after - before for before, after in itertools.pairwise(rounds)) <= AT_ONCE


@pytest.mark.parametrize("utilisation", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("seed", [2, 3])
def test_no_rate_below_capacity_is_called_unsustainable(run: Run, utilisation: float, seed: int) -> None:
    """A queue that wanders is no queue that grows, whatever the seed."""
    rate = utilisation * CAPACITY_PER_S
    _, figures = run(f"open:{rate:g}/s", seed=seed, warmup_s=1.0, duration_s=10.0)
    assert figures.doubts == []
    assert figures.sustained_per_s == figures.throughput_per_s == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("arrivals", ["", ":uniform"])
@pytest.mark.parametrize("seed", [2, 3])
def test_a_rate_above_capacity_is_called_unsustainable(run: Run, arrivals: str, seed: int) -> None:
    """With the rate that was asked and the one that was served."""
    _, figures = run(f"open:96/s{arrivals}", seed=seed, warmup_s=1.0, duration_s=10.0)
    assert kinds(figures) == [UNSUSTAINABLE]
    assert "96/s is more than was served (80/s was sustained)" in figures.doubts[0].text


def test_uniform_arrivals_just_within_capacity_queue_nothing(run: Run) -> None:
    """79 of 80 a second."""
    driven, figures = run("open:79/s:uniform", duration_s=10.0)
    assert figures.doubts == []
    assert int(driven.fold.backlog.max()) <= SLOTS


@pytest.mark.parametrize(("stall_ms", "expected"), [(0, []), (100, []), (1000, ["late-pacing"])])
def test_a_driver_that_stalls_is_doubted_for_pacing(run: Run, stall_ms: int, expected: list[str]) -> None:
    """Where it makes a good part of the latency: a second of eleven does, a tenth of one does not."""
    _, figures = run("open:100/s:uniform", Fake(stalling(50, stall_ms)), slots=50, duration_s=11.0)
    assert kinds(figures) == expected


def test_growth_must_exceed_a_share_of_many_arrivals_and_chance_of_few() -> None:
    """A twentieth of 10,000 is 500, where chance is 150; of 100 it is 5, where chance is 15."""

    def growing_to(last: int, arrivals: int) -> bool:
        return grows([last * moment // 40 for moment in range(41)], arrivals)

    assert [growing_to(last, arrivals=10_000) for last in (450, 600)] == [False, True]
    assert [growing_to(last, arrivals=100) for last in (13, 20)] == [False, True]


def test_what_was_due_in_the_window_is_begun_also_where_the_driver_stalled_to_its_end(run: Run) -> None:
    """More is due at once than is begun at once (3,000 of 1,000), and the window has closed: none is left out."""
    serve = stalling(1990, 400)
    load = "open:10000/s:uniform"
    driven, _ = run(load, Fake(serve), workload="noop", slots=10_000, duration_s=0.5)
    window_ns = driven.recording.closed_ns - driven.recording.opened_ns
    assert window_ns > 590 * MS
    assert driven.fold.counts.submitted == pytest.approx(window_ns / (NS / 10_000), abs=2)


def test_arrivals_are_those_of_the_seed(run: Run) -> None:
    """The same seed, the same due times; another seed, others; and about as many as the rate says."""
    due = [sorted(due_of(run("open:60/s", seed=seed, duration_s=10.0)[0].rows)) for seed in (1, 1, 2)]
    assert due[0] == due[1] != due[2]
    assert len(due[0]) == pytest.approx(600, rel=0.1)
    assert len(set(np.diff(due[0]).tolist())) > 500


def test_arrivals_wait_for_no_reply_and_none_is_dropped(run: Run) -> None:
    """Four times what one slot can serve: each is due 12.5 ms after the last one, submitted and answered."""
    driven, _ = run("open:80/s:uniform", slots=1, duration_s=2.0)
    due = sorted(due_of(driven.rows))
    assert {after - before for before, after in itertools.pairwise(due)} == {NS // 80}
    assert driven.fold.counts.submitted == driven.fold.counts.ok == pytest.approx(160, abs=1)

"""What each load does and what its recording amounts to: whole trials with `fake`, in virtual time."""

import asyncio
import itertools
import statistics
from pathlib import Path
from typing import Any

import pytest

from harness.contenders.fake import Fake, echo
from harness.errors import UsageError
from harness.loads.drain import BEGUN, PUBLISHED
from harness.loads.load import Figures, parse_load
from harness.loads.open import Open, grows
from harness.machine.clock import NS
from harness.recording.fold import DUE, EXEC_START
from harness.statistics.doubts import UNSUSTAINABLE
from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive
from workloads.workload import Payload

SERVICE_MS, SLOTS = 50.0, 4


def run(tmp_path: Path, load: str, contender: object = None, **changes: Any) -> tuple[Driven, Figures]:
    """A trial of `sleep` on four slots, and what it amounts to."""
    spec = spec_of(tmp_path / load.replace("/", "-"), load=load, slots=SLOTS, **changes)
    driven = drive(spec, SilentLink(), contender)
    assert driven.recording.status == "measured", driven.recording.error
    return driven, parse_load(load, "the test").figures(driven.fold, driven.recording.marks, SLOTS)


def failing(number: int, payload: Payload) -> Any:
    """One request in the middle of the window fails."""
    if number == 110:
        raise OSError("injected")
    return echo(number, payload)


def test_a_drain_executes_nothing_before_all_is_submitted(tmp_path: Path) -> None:
    """The mark lies after every due time and before every execution."""
    driven, figures = run(tmp_path, "drain:40")
    published = driven.recording.marks[PUBLISHED]
    mine = driven.rows[driven.rows[:, DUE] >= driven.recording.opened_ns]
    assert len(mine) == 40
    assert driven.recording.marks[BEGUN] <= min(mine[:, DUE])
    assert max(mine[:, DUE]) <= published <= min(mine[:, EXEC_START])
    assert figures.doubts == []


def test_a_drain_rate_is_that_of_the_slots(tmp_path: Path) -> None:
    """Forty requests of 50 ms on four slots take half a second; no slot is busy beyond executing."""
    _, figures = run(tmp_path, "drain:40")
    assert figures.throughput_per_s == pytest.approx(80.0)
    assert figures.slot_overhead_ms == pytest.approx(0.0, abs=1e-6)
    assert figures.completed == 40
    assert figures.publish_per_s is not None


def test_slots_that_stood_idle_tell_no_overhead(tmp_path: Path) -> None:
    """A drain of as many requests as slots has no gap between two executions; nor has one without slots."""
    driven, figures = run(tmp_path, "drain:4")
    assert figures.slot_overhead_ms is None
    assert parse_load("drain:4", "").figures(driven.fold, driven.recording.marks, None).slot_overhead_ms is None


def test_a_pause_that_did_not_hold_is_a_doubt(tmp_path: Path) -> None:
    """An execution before the last request was published."""
    driven, _ = run(tmp_path, "drain:40")
    later = driven.recording.marks | {PUBLISHED: driven.recording.closed_ns}
    figures = parse_load("drain:40", "").figures(driven.fold, later, SLOTS)
    assert [doubt.kind for doubt in figures.doubts] == ["pause-did-not-hold"]


def test_a_burst_is_due_at_one_moment_and_done_in_waves(tmp_path: Path) -> None:
    """Forty requests of 50 ms on four slots: half done after 250 ms, all after 500 ms."""
    driven, figures = run(tmp_path, "burst:40")
    mine = driven.rows[driven.rows[:, DUE] >= driven.recording.opened_ns]
    assert len(set(mine[:, DUE].tolist())) == 1
    assert figures.makespan_ms is not None
    assert list(figures.makespan_ms) == ["p50", "p90", "p99", "all"]
    assert list(figures.makespan_ms.values()) == pytest.approx([250.0, 450.0, 500.0, 500.0], rel=1e-3)
    assert figures.throughput_per_s == pytest.approx(80.0, rel=1e-3)


def test_a_burst_of_which_some_failed_was_never_all_done(tmp_path: Path) -> None:
    """The part that was never reached is left blank; the rate is that of the good replies."""
    _, figures = run(tmp_path, "burst:200", Fake(failing))
    assert figures.makespan_ms is not None
    assert figures.makespan_ms["p99"] is not None
    assert figures.makespan_ms["all"] is None
    assert figures.throughput_per_s == pytest.approx(80.0, rel=0.01)


@pytest.mark.parametrize("load", ["drain:40", "burst:40"])
def test_loads_that_end_by_themselves_issue_exactly_their_requests(tmp_path: Path, load: str) -> None:
    """In the window; the warm-up's lie before it and have all ended."""
    driven, _ = run(tmp_path, load)
    assert driven.fold.counts.submitted == driven.fold.counts.ok == 40
    before = driven.rows[driven.rows[:, DUE] < driven.recording.opened_ns]
    assert len(before) > 0
    between = ["BetweenParts"] if load.startswith("drain") else []  # its two parts are told apart
    assert driven.link.heard_kinds() == ["WindowOpened", *between, "WindowClosed"]


@pytest.mark.parametrize("utilisation", [0.5, 0.85, 0.95])
def test_a_rate_that_is_served_is_sustained(tmp_path: Path, utilisation: float) -> None:
    """The queue wanders, and no doubt is raised."""
    rate = utilisation * SLOTS * 1000 / SERVICE_MS
    _, figures = run(tmp_path, f"open:{rate:g}/s", duration_s=10.0)
    assert [doubt.kind for doubt in figures.doubts] == []
    assert figures.sustained_per_s == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("utilisation", [1.2, 2.0])
def test_a_rate_that_is_not_served_is_unsustainable(tmp_path: Path, utilisation: float) -> None:
    """With what was served; the throughput is that, and not the rate."""
    rate = utilisation * SLOTS * 1000 / SERVICE_MS
    _, figures = run(tmp_path, f"open:{rate:g}/s", duration_s=10.0)
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


@pytest.mark.parametrize(
    ("text", "requests", "most"),
    [("closed:8", 60, 60), ("open:5/s", None, None), ("drain:7", 60, 7), ("burst:9", None, 9)],
)
def test_the_most_that_a_load_sends(text: str, requests: int | None, most: int | None) -> None:
    """By which a service that is somebody else's is kept from more than was allowed."""
    assert parse_load(text, "the test").at_most(requests) == most


@pytest.mark.parametrize(
    "text", ["drain:0", "drain:x", "burst:-1", "burst:1.5", "open:0/s", "open:5", "open:5/s:odd", "closed"]
)
def test_a_load_that_cannot_be_is_named_as_it_was_given(text: str) -> None:
    """With an example of what is expected."""
    with pytest.raises(UsageError) as raised:
        parse_load(text, "--load")
    assert repr(text.partition(":")[2] or text) in str(raised.value)
    assert "expected" in str(raised.value)


def test_a_number_of_requests_is_not_exceeded_by_arrivals_that_were_late(tmp_path: Path) -> None:
    """A service that is somebody else's gets no request beyond those allowed, however late the driver is."""

    def stalling(number: int, payload: Payload) -> Any:
        if number == 20:
            asyncio.get_running_loop()._virtual.now_ns += NS  # type: ignore[attr-defined]
        return echo(number, payload)

    driven, _ = run(tmp_path, "open:100/s:uniform", Fake(stalling), requests=60, duration_s=None, warmup_s=0.0)
    assert driven.recording.issued == 60


@pytest.mark.timeout(20)
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

    driven, _ = run(tmp_path, "open:1000000/s:uniform", Slow(), warmup_s=0.0, duration_s=0.005, workload="noop")
    assert driven.fold.counts.ok == driven.fold.counts.submitted > 1000

"""Several drivers of one trial amount to one."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contenders.contender import even_part
from harness.driver.merge import merged
from harness.driver.messages import Recording, TrialOutcome
from harness.loads.load import Load, parse_load
from harness.machine.usage import Reading
from harness.recording.endings import Endings
from harness.recording.fold import fold_spool
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import together
from harness.recording.hdr import Histogram
from harness.recording.histograms import merge
from harness.recording.reconciliation import reconcile
from harness.recording.request_numbers import FIRST, first_number, in_one_row
from harness.recording.spool import Recorder, Status
from harness.results.model import LoopLag
from tests.builders import cell_of

MS = 1_000_000
latencies = st.lists(st.lists(st.integers(1, 10_000), max_size=30), min_size=1, max_size=5)


def spool(folder: Path, driver: int, took_ms: list[int]) -> Path:
    """What a driver records of requests that took so long, all due at 0."""
    recorder = Recorder(folder / f"{driver}")
    for count, ms in enumerate(took_ms):
        recorder.record((first_number(driver) + count, 0, 0, 0, 0, ms * MS, ms * MS, Status.OK))
    recorder.close()
    return folder / f"{driver}"


@settings(max_examples=40, deadline=None)
@given(latencies)
def test_several_spools_fold_into_what_one_would_have_held(
    tmp_path_factory: pytest.TempPathFactory, took: list[list[int]]
) -> None:
    """Counts, endings and histograms, exactly; so do merged histograms."""
    folder = tmp_path_factory.mktemp("spools")
    every = [ms for part in took for ms in part]
    spools = [spool(folder, driver, part) for driver, part in enumerate(took)]
    terms = FoldTerms(0, 10**12, True)
    several = together([fold_spool(of, terms, len(took[driver]), driver) for driver, of in enumerate(spools)])
    one = fold_spool(spool(folder, 0, every), terms, len(every))
    assert several.counts == one.counts
    assert several.endings.ends.tolist() == one.endings.ends.tolist()
    assert several.ended_twice == 0
    assert several.encoded() == one.encoded()
    parts = []
    for part in took:
        histogram = Histogram()
        for ms in part:
            histogram.record(1000 * ms)
        parts.append(histogram.encode())
    if every:
        assert merge(parts).encode() == one.chain.histograms["latency"].encode()


@given(st.lists(st.integers(0, 20), min_size=1, max_size=5))
def test_numbers_of_all_drivers_are_one_row(issued: list[int]) -> None:
    """Each once; those that nobody issued lie beyond; the verified ones are known as such."""
    numbers = [first_number(driver) + count for driver, most in enumerate(issued) for count in range(most)]
    assert in_one_row(np.array(numbers, dtype=np.int64), issued).tolist() == list(range(sum(issued)))
    beyond_each = [first_number(driver) + most for driver, most in enumerate(issued)]
    strange = np.array([*beyond_each, first_number(len(issued)), first_number(60)], dtype=np.int64)
    assert in_one_row(strange, issued).min() >= sum(issued)
    assert in_one_row(np.array([FIRST, FIRST - 1, FIRST - 7]), issued).tolist() == [FIRST] * 3


def test_an_execution_that_nobody_asked_for_is_found_with_several_drivers() -> None:
    """A number beyond a driver's own count is not taken for the next driver's."""
    executed = in_one_row(np.array([0, 1, 2, first_number(1)]), [2, 1])
    endings = Endings.of(np.zeros(3, dtype=np.int8))
    assert "never submitted" in str(reconcile(endings, 0, executed).fault)


@pytest.mark.parametrize(
    ("text", "drivers"), [("closed:7", 3), ("closed:64", 2), ("open:100/s", 4), ("open:9/s:uniform", 2)]
)
def test_the_parts_of_a_load_make_the_whole(text: str, drivers: int) -> None:
    """Of its kind, each with something to do."""
    load = parse_load(text, "a test")
    parts = [part for index in range(drivers) if (part := load.share(index, drivers)) is not None]
    assert len(parts) == drivers
    key = "clients" if load.kind == "closed" else "rate_per_s"
    assert sum(part.settings()[key] for part in parts) == pytest.approx(load.settings()[key])
    assert all(part.settings()[key] > 0 and type(part) is type(load) for part in parts)
    assert all(parse_load(part.text, "a test").settings() == part.settings() for part in parts)


@pytest.mark.parametrize("text", ["closed:1", "drain:100", "burst:100"])
def test_some_loads_have_one_driver(text: str) -> None:
    """A single client, and what is one thing as a whole."""
    load: Load = parse_load(text, "a test")
    assert load.share(0, 2) is None


def test_slots_are_spread_evenly() -> None:
    """No part has two more than another."""
    assert [even_part(7, index, 3) for index in range(3)] == [3, 2, 2]
    assert [even_part(8, index, 3) for index in range(3)] == [3, 3, 2]


def recording(opened: int, closed: int, cpu_s: float, status: TrialOutcome = "measured", lag: float = 0.1) -> Recording:
    """What a driver reports of that window."""
    first = Reading(at_ns=opened, cpu_s=0.0, main_cpu_s=0.0, processes=1, cpu_each={"1": 0.0})
    last = Reading(at_ns=closed, cpu_s=cpu_s, main_cpu_s=cpu_s, processes=1, cpu_each={"1": cpu_s}, memory_mb=10.0)
    return Recording(
        status=status,
        error=None if status == "measured" else f"{status} at {opened}",
        opened_ns=opened,
        closed_ns=closed,
        issued=5,
        recorded=5,
        failures={"Oops": (1, f"Oops: {opened}")},
        measures={"attempts": (5, 7.0)},
        driver=(first, last),
        loop_lag=LoopLag(p50=lag, p99=lag, max=lag),
        clocks_comparable=True,
    )


def test_the_window_is_when_all_windows_were_open() -> None:
    """Usage and counts add up; the worst loop lag and the worst status count."""
    both = merged([recording(100, 1000, 1.0), recording(150, 900, 2.0, lag=0.5)])
    assert (both.opened_ns, both.closed_ns, both.issued) == (150, 900, 10)
    assert both.failures == {"Oops": (2, "Oops: 100")}
    assert both.measures == {"attempts": (10, 14.0)}
    assert both.driver is not None
    assert (both.driver[1].cpu_s, both.driver[1].memory_mb, both.driver[1].cpu_each) == (
        3.0,
        20.0,
        {"0.1": 1.0, "1.1": 2.0},
    )
    assert both.loop_lag is not None
    assert both.loop_lag.p99 == 0.5
    bad = merged([recording(100, 1000, 1.0), recording(150, 900, 2.0, "disqualified"), recording(9, 99, 1.0, "failed")])
    assert (bad.status, bad.error) == ("failed", "failed at 9")


def test_processes_that_execute_are_part_of_the_name() -> None:
    """Asyncio scales out by processes; Celery's drivers only make the load."""
    assert cell_of("asyncio", drivers=2).label == "asyncio:16 ×2"
    assert cell_of("asyncio", slots=None, drivers=1).label == "asyncio"


def test_a_driver_that_stood_still_once_is_not_hidden_by_one_that_is_always_late() -> None:
    """Of all figures of the loops, the largest."""
    still = msgspec.structs.replace(recording(0, 9, 1.0), loop_lag=LoopLag(p50=0.1, p99=0.2, max=3000.0))
    both = merged([recording(0, 9, 1.0, lag=5.0), still])
    assert both.loop_lag == LoopLag(p50=5.0, p99=5.0, max=3000.0)

"""Clocks of two machines: how far apart, by how much that may be wrong, and stamps moved to ours."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.driver.messages import Recording
from harness.driver.remote.clock_offset import (
    Exchange,
    Offset,
    by_our_clock,
    offset_of,
    rows_by_our_clock,
    wall_apart_s,
)
from harness.machine.usage import Reading
from harness.recording.spool import COLUMNS, Recorder, Status
from tests.harness.session.doubles import recording_of
from tests.running import read_rows

ways = st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=20)


@given(offset=st.integers(-(10**15), 10**15), ways=ways)
def test_the_true_offset_lies_within_the_error(offset: int, ways: list[tuple[int, int]]) -> None:
    """However long a message takes there and back; and the quickest exchange decides."""
    exchanges = []
    now = 10**12
    for there, back in ways:
        exchanges.append(Exchange(now, now + there + offset, now + there + back))
        now += there + back + 1000
    found = offset_of(exchanges)
    assert abs(found.ns - offset) <= found.error_ns
    assert found.error_ns == min(there + back + 1 for there, back in ways) // 2


def test_stamps_are_moved_and_missing_ones_stay_missing(tmp_path: Path) -> None:
    """Number and status are no stamps."""
    recorder = Recorder(tmp_path / "spool")
    recorder.record((7, 1100, 1101, 0, 1102, 1103, 1104, Status.LOST))
    recorder.close()
    rows_by_our_clock(tmp_path / "spool", Offset(1000, 5))
    assert read_rows(tmp_path / "spool").tolist() == [[7, 100, 101, 0, 102, 103, 104, Status.LOST]]
    assert len(COLUMNS) == 8
    rows_by_our_clock(tmp_path / "spool", Offset(0, 0))
    assert np.count_nonzero(read_rows(tmp_path / "spool")) == 7


def test_a_recordings_window_is_moved() -> None:
    """With the moments that its load noted."""
    there = Recording(
        status="measured",
        error=None,
        opened_ns=1100,
        closed_ns=1200,
        issued=1,
        recorded=1,
        failures={},
        driver=None,
        loop_lag=None,
        clocks_comparable=True,
        marks={"begun": 1150},
    )
    here = by_our_clock(there, Offset(1000, 5))
    assert (here.opened_ns, here.closed_ns, here.marks) == (100, 200, {"begun": 150})
    assert wall_apart_s(there, Offset(1000, 5), 0, 0.0) == 0.0


def test_a_wall_clock_that_differs_is_seen_whatever_the_monotonic_clocks_show() -> None:
    """Read two seconds ago, by a machine that was started an hour later, and whose wall clock is 10 s ahead."""
    s = 10**9
    now_ns, now_s = 5000 * s, 1.8e9
    offset = Offset(-3600 * s, 5 * s // 10)
    for ahead_s, apart_s in ((10.0, 9.5), (-10.0, 9.5), (0.0, -0.5)):
        reading = Reading(
            at_ns=now_ns - 2 * s + offset.ns, cpu_s=0, main_cpu_s=0, processes=1, walls_s=[now_s - 2 + ahead_s]
        )
        there = recording_of(driver=(reading, reading))
        assert abs(wall_apart_s(there, offset, now_ns, now_s) - apart_s) < 1e-6

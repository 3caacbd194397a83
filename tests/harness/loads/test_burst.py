"""Burst: all is due at one moment, and each part of it is done when its last request is."""

from pathlib import Path

import pytest

from harness.contenders.fake import Fake
from harness.recording.rows import DUE
from tests.harness.loads.conftest import CAPACITY_PER_S, Costly, Run, after_warm_up, failing
from tests.running import due_of


def test_a_burst_is_due_at_one_moment_and_done_in_waves(tmp_path: Path) -> None:
    """Forty requests of 50 ms on four slots: half done after 250 ms, all after 500 ms."""
    driven, figures = after_warm_up(tmp_path, "burst:40")
    mine = driven.rows[driven.rows[:, DUE] >= driven.recording.opened_ns]
    assert len(set(mine[:, DUE].tolist())) == 1
    assert figures.makespan_ms is not None
    assert list(figures.makespan_ms) == ["p50", "p90", "p99", "all"]
    assert list(figures.makespan_ms.values()) == pytest.approx([250.0, 450.0, 500.0, 500.0], rel=1e-3)
    assert figures.throughput_per_s == pytest.approx(80.0, rel=1e-3)


def test_a_burst_of_which_some_failed_was_never_all_done(tmp_path: Path) -> None:
    """The part that was never reached is left blank; the rate is that of the good replies."""
    _, figures = after_warm_up(tmp_path, "burst:200", Fake(failing(110)))
    assert figures.makespan_ms is not None
    assert figures.makespan_ms["p99"] is not None
    assert figures.makespan_ms["all"] is None
    assert figures.throughput_per_s == pytest.approx(80.0, rel=0.01)


def test_a_burst_is_due_at_one_moment_however_long_it_takes_to_submit(run: Run) -> None:
    """The moment in which the window opened; the last is submitted 80 ms after it was due."""
    driven, _ = run("burst:40", Costly(publish_ms=2))
    assert set(due_of(driven.rows)) == {driven.recording.opened_ns}
    stages = driven.fold.stages()
    assert stages is not None
    assert stages.driver_lag.mean == pytest.approx(2 * 39 / 2, rel=1e-3)


def test_each_part_of_a_burst_is_done_when_its_last_request_is(run: Run) -> None:
    """800 requests in 200 waves of 50 ms: 100, 180, 198 and 200 of them."""
    _, figures = run("burst:800")
    assert figures.makespan_ms is not None
    expected = {"p50": 5000.0, "p90": 9000.0, "p99": 9900.0, "all": 10000.0}
    assert figures.makespan_ms == pytest.approx(expected, rel=1e-3)
    assert figures.makespan_ms["all"] == 10000.0
    assert figures.throughput_per_s == pytest.approx(CAPACITY_PER_S)
    assert figures.completed == 800


@pytest.mark.parametrize(
    ("failed", "reached"), [(0, ["p50", "p90", "p99", "all"]), (1, ["p50", "p90", "p99"]), (3, ["p50", "p90"])]
)
def test_a_part_of_a_burst_that_never_was_done_is_blank(run: Run, failed: int, reached: list[str]) -> None:
    """Parts are of all that were submitted: of 200, two may fail for 99 % to be done, and three may not."""
    _, figures = run("burst:200", Fake(failing(*range(failed))))
    assert figures.makespan_ms is not None
    assert [name for name, ms in figures.makespan_ms.items() if ms is not None] == reached
    assert figures.throughput_per_s == pytest.approx((200 - failed) / 2.5)
    assert figures.completed == 200 - failed

"""The window in slices."""

import pytest

from harness.recording.fold import Fold
from harness.recording.fold_terms import FoldTerms
from harness.recording.spool import Status
from harness.recording.timeline import SLICES
from tests.harness.recording.made_rows import MS, S, folded, numbered, row


def test_the_timeline_is_of_replies_by_when_they_came() -> None:
    """Whenever they were due; a slice without replies has no latency."""
    slice_ns = S // SLICES
    rows = [row(-slice_ns, took=slice_ns), row(0, took=MS), row(0, took=3 * MS), row(S - MS, took=MS)]
    rows += [row(0, took=2 * MS, status=Status.FAILED), row(S - MS, took=MS - 1), row(-2 * MS, took=MS)]
    timeline = folded(rows).timeline()
    assert timeline is not None
    assert timeline.slice_s == pytest.approx(1 / SLICES)
    assert timeline.ok == [3, *[0] * (SLICES - 2), 1]
    assert timeline.mean_ms[0] == pytest.approx((slice_ns / MS + 1 + 3) / 3, abs=0.001)
    assert timeline.max_ms[0] == slice_ns / MS
    assert timeline.mean_ms[1:-1] == timeline.max_ms[1:-1] == [None] * (SLICES - 2)


def test_the_timeline_does_not_depend_on_the_chunks() -> None:
    """What two chunks hold of a slice adds up."""
    rows = [row(n * MS, took=(n % 7 + 1) * MS) for n in range(900)]
    whole = folded(rows)
    parts = Fold(FoldTerms(0, S, True), len(rows))
    for begin in range(0, len(rows), 100):
        parts.add(numbered(rows)[begin : begin + 100])
    assert whole.timeline() == parts.folded().timeline()
    assert folded([]).timeline() is None


def test_the_longest_pause_lies_between_two_replies() -> None:
    """Whichever driver had them; neither before the first nor after the last."""
    rows = [row(at * MS, took=0) for at in (300, 310, 700, 705)]
    assert folded(rows).longest_pause_s == pytest.approx(0.39, abs=0.001)
    assert folded(rows[::-1]).longest_pause_s == folded(rows).longest_pause_s
    assert folded(rows[:1]).longest_pause_s == folded([]).longest_pause_s == 0

"""Drain: nothing is executed before all is published; rates and the overhead of a slot."""

from pathlib import Path

import pytest

from harness.loads.drain import BEGUN, PUBLISHED, RESUMED
from harness.loads.load import LoadFigures, parse_load
from harness.recording.rows import DUE, EXEC_START
from tests.harness.loads.conftest import CAPACITY_PER_S, MS, SLOTS, Costly, Run, after_warm_up, failing, folded, kinds


def test_a_drain_executes_nothing_before_all_is_submitted(tmp_path: Path) -> None:
    """The mark lies after every due time and before every execution."""
    driven, figures = after_warm_up(tmp_path, "drain:40")
    published = driven.recording.marks[PUBLISHED]
    mine = driven.rows[driven.rows[:, DUE] >= driven.recording.opened_ns]
    assert len(mine) == 40
    assert driven.recording.marks[BEGUN] <= min(mine[:, DUE])
    assert max(mine[:, DUE]) <= published <= min(mine[:, EXEC_START])
    assert figures.doubts == []


def test_a_drain_rate_is_that_of_the_slots(tmp_path: Path) -> None:
    """Forty requests of 50 ms on four slots take half a second; no slot is busy beyond executing."""
    _, figures = after_warm_up(tmp_path, "drain:40")
    assert figures.throughput_per_s == pytest.approx(80.0)
    assert figures.slot_overhead_ms == pytest.approx(0.0, abs=1e-6)
    assert figures.completed == 40
    assert figures.publish_per_s is not None


def test_slots_that_stood_idle_tell_no_overhead(tmp_path: Path) -> None:
    """A drain of as many requests as slots has no gap between two executions; nor has one without slots."""
    driven, figures = after_warm_up(tmp_path, "drain:4")
    assert figures.slot_overhead_ms is None
    assert parse_load("drain:4", "").figures(driven.fold, driven.recording.marks, None).slot_overhead_ms is None


def test_a_pause_that_did_not_hold_is_a_doubt(tmp_path: Path) -> None:
    """An execution before the last request was published."""
    driven, _ = after_warm_up(tmp_path, "drain:40")
    later = driven.recording.marks | {PUBLISHED: driven.recording.closed_ns}
    figures = parse_load("drain:40", "").figures(driven.fold, later, SLOTS)
    assert [doubt.kind for doubt in figures.doubts] == ["pause-did-not-hold"]


def test_a_drain_publishes_all_before_it_executes_any(run: Run) -> None:
    """Forty requests of 2 ms each to submit: 500 a second, and not one of them is begun meanwhile."""
    driven, figures = run("drain:40", Costly(publish_ms=2))
    begun, published = driven.recording.marks[BEGUN], driven.recording.marks[PUBLISHED]
    assert published - begun == 80 * MS
    assert driven.rows[:, EXEC_START].min() == published
    assert figures.publish_per_s == pytest.approx(500.0)
    assert figures.throughput_per_s == pytest.approx(CAPACITY_PER_S)
    assert figures.doubts == []


@pytest.mark.parametrize(("requests", "slots"), [(40, 1), (12, 4), (48, 8), (64, 16)])
def test_a_drain_runs_at_slots_by_service_time(run: Run, requests: int, slots: int) -> None:
    """Exactly, for whole waves; no slot is busy with anything else."""
    _, figures = run(f"drain:{requests}", slots=slots)
    assert figures.throughput_per_s == pytest.approx(slots / 0.05)
    assert figures.slot_overhead_ms == pytest.approx(0.0, abs=1e-9)


def test_a_slots_overhead_is_what_lies_between_its_executions(run: Run) -> None:
    """10 ms to store each result: ten waves of 50 ms with nine gaps."""
    _, figures = run("drain:40", Costly(store_ms=10))
    assert figures.slot_overhead_ms == pytest.approx(10.0)
    assert figures.throughput_per_s == pytest.approx(40 / 0.590)


@pytest.mark.parametrize(("store_ms", "known"), [(16, True), (17, False)])
def test_an_overhead_is_told_only_where_slots_were_the_limit(run: Run, store_ms: int, known: bool) -> None:
    """Without work for more than a quarter of the time between two starts: 16 of 66 ms, 17 of 67."""
    _, figures = run("drain:40", Costly(store_ms=store_ms))
    assert (figures.slot_overhead_ms is not None) == known


def test_what_failed_in_a_drain_was_published_but_is_not_drained(run: Run) -> None:
    """One in ten: publishing counts all, draining and cost the good ones alone."""
    _, figures = run("drain:40", Costly(failing(0, 10, 20, 30), publish_ms=2))
    assert figures.completed == 36
    assert figures.publish_per_s == pytest.approx(500.0)
    assert figures.throughput_per_s == pytest.approx(36 / 0.5)


def test_publishing_ends_with_the_last_batch() -> None:
    """Which goes out after its requests were submitted: 2 requests from 0 to 8 ms are 250 a second."""
    fold = folded([(6 * MS, 20 * MS), (8 * MS, 20 * MS)])
    figures = parse_load("drain:2", "the test").figures(fold, {BEGUN: 0, PUBLISHED: 5 * MS}, SLOTS)
    assert figures.publish_per_s == pytest.approx(250.0)


def test_a_drain_whose_executions_are_not_known_lasts_from_its_resumption_to_its_last_reply() -> None:
    """Not from when its first request was submitted: 2 requests in 15 ms."""
    fold = folded([(0, 20 * MS), (2 * MS, 20 * MS)], comparable=False)
    figures = parse_load("drain:2", "the test").figures(fold, {BEGUN: 0, PUBLISHED: 4 * MS, RESUMED: 5 * MS}, None)
    assert figures.throughput_per_s == pytest.approx(2 / 0.015)
    assert figures.doubts == []


def test_a_drain_that_was_never_published_or_never_answered_has_no_figures() -> None:
    """Aborted while it was submitting, or without a good reply."""
    load = parse_load("drain:1", "the test")
    assert load.figures(folded([(0, MS)]), {BEGUN: 0}, SLOTS) == LoadFigures(throughput_per_s=None)
    assert load.figures(folded([]), {BEGUN: 0, PUBLISHED: 1}, SLOTS) == LoadFigures(throughput_per_s=None)


def test_a_pause_is_not_doubted_by_the_stamps_of_a_foreign_clock() -> None:
    """Without a common clock nobody knows what was executed before the last was published."""
    marks = {BEGUN: 0, PUBLISHED: 5 * MS}
    load, spans = parse_load("drain:2", "the test"), [(0, 10 * MS), (6 * MS, 20 * MS)]
    assert kinds(load.figures(folded(spans), marks, SLOTS)) == ["pause-did-not-hold"]
    assert kinds(load.figures(folded(spans, comparable=False), marks, SLOTS)) == []

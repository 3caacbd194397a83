"""Folding stamps into figures, on rows made by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.recording import rows as rows_of_spool
from harness.recording.fold import NOT_ENDED, Fold, fold_spool
from harness.recording.histograms import merge, new_histogram, percentile_ms
from harness.recording.latency_chain import STAGES
from harness.recording.rows import Rows
from harness.recording.spool import COLUMNS, Recorder, Status
from harness.recording.timeline import SLICES
from harness.results.model import Stages

S, MS = 1_000_000_000, 1_000_000
Row = tuple[int, int, int, int, int, int, int]


def row(due: int, *, took: int = MS, status: Status = Status.OK) -> Row:
    """A request that started when it was due and was executed all the time."""
    return due, due, due, due, due + took, due + took, int(status)


def folded(rows: Sequence[Row], opened: int = 0, closed: int = S, comparable: bool = True) -> Fold:
    """The rows, folded as one chunk."""
    fold = Fold(opened, closed, comparable, len(rows))
    fold.add(numbered(rows))
    return fold


def numbered(rows: Sequence[Row]) -> Rows:
    """As a recorder spools them: the request's number first."""
    return np.array([(number, *row) for number, row in enumerate(rows)], dtype=np.int64).reshape(-1, len(COLUMNS))


def means_of(stages: Stages) -> dict[str, float]:
    """The mean of each stage that there is, in order."""
    return {name: stage["mean"] for name, stage in msgspec.to_builtins(stages).items() if stage is not None}


def test_each_request_counts_as_what_it_ended_as() -> None:
    """Ok, wrong, failed and lost are counted apart and add up to what was submitted."""
    fates = [Status.OK] * 7 + [Status.WRONG] * 3 + [Status.FAILED] * 5 + [Status.LOST] * 2
    counts = folded([row(n * MS, status=fate) for n, fate in enumerate(fates)]).counts
    assert (counts.ok, counts.wrong, counts.failed, counts.lost, counts.submitted) == (7, 3, 5, 2, 17)


def test_what_is_due_outside_the_window_is_not_counted() -> None:
    """The window is half open: due at its opening is in, due at its end is out."""
    counts = folded([row(-1), row(0), row(S - 1), row(S)]).counts
    assert counts.submitted == 2


def test_failures_outside_the_window_are_not_forgotten() -> None:
    """They are no part of the figures, but a reason for doubt."""
    fold = folded([row(-MS, status=Status.FAILED), row(2 * S, status=Status.LOST), row(-MS), row(0)])
    assert (fold.outside_not_ok, fold.counts.failed, fold.counts.lost) == (2, 0, 0)


def test_only_good_replies_make_latency_and_throughput() -> None:
    """A request that fails fast must not make its contender look fast."""
    fold = folded([row(0, took=100 * MS), *(row(MS, took=1, status=Status.FAILED) for _ in range(50))])
    latency = fold.latency("latency")
    assert latency is not None
    assert (latency.min, latency.max) == (100.0, 100.0)
    assert fold.throughput_per_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("begin", "part"),
    [(-S // 2, 0.5), (-S // 4, 0.75), (0, 1.0), (S // 2, 0.5), (3 * S // 4, 0.25), (S, 0.0), (-S, 0.0)],
)
def test_a_request_on_an_edge_counts_with_the_part_inside(begin: int, part: float) -> None:
    """An execution of one second against a window of one second: what lies inside is what counts."""
    assert (folded([row(begin, took=S)]).throughput_per_s or 0.0) == pytest.approx(part)


@given(offset=st.integers(0, 300 * MS), opened=st.integers(0, S))
def test_waves_do_not_bend_the_throughput(offset: int, opened: int) -> None:
    """Four slots in lockstep with 300 ms a request do 4 ÷ 0.3 s, wherever the window's edges fall."""
    rows = [row(offset - S + wave * 300 * MS, took=300 * MS) for wave in range(-5, 20) for _ in range(4)]
    fold = folded(rows, opened, opened + S)
    assert fold.throughput_per_s == pytest.approx(4 / 0.3)


def test_work_that_takes_no_time_counts_once() -> None:
    """An instant inside counts whole, one outside not at all."""
    assert folded([row(0, took=0), row(S // 2, took=0), row(S, took=0)]).throughput_per_s == 2.0


def test_without_good_replies_there_is_no_throughput() -> None:
    """None, rather than 0: nothing was measured."""
    fold = folded([row(0, status=Status.FAILED)])
    assert fold.throughput_per_s is None
    assert fold.latency("latency") is None
    assert fold.stages() is None


def test_drift_is_the_second_half_against_the_first() -> None:
    """Twice as much done in the second half is a drift of 2."""
    assert folded([row(100 * MS), row(600 * MS), row(700 * MS)]).drift == pytest.approx(2.0)


def test_latency_runs_from_the_due_time() -> None:
    """A driver that started 40 ms late adds them to the latency; the uncorrected figure stands beside it."""
    fold = folded([(0, 40 * MS, 41 * MS, 50 * MS, 60 * MS, 61 * MS, 0)])
    latency, uncorrected = fold.latency("latency"), fold.latency("uncorrected")
    assert latency is not None
    assert uncorrected is not None
    assert (latency.mean, uncorrected.mean) == (61.0, 21.0)


def test_the_chain_names_where_the_time_went() -> None:
    """Each stage is the time from one stamp to the next."""
    stages = folded([(0, 1 * MS, 3 * MS, 6 * MS, 16 * MS, 21 * MS, 0)]).stages()
    assert stages is not None
    assert means_of(stages) == {"driver_lag": 1.0, "publish": 2.0, "queue_wait": 3.0, "execution": 10.0, "return": 5.0}


def test_execution_before_publish_returned_counts_to_publish() -> None:
    """The overlap is clipped: no stage is negative, and execution keeps what lies after publishing."""
    stages = folded([(0, 0, 5 * MS, 2 * MS, 9 * MS, 10 * MS, 0)]).stages()
    assert stages is not None
    assert means_of(stages) == {"driver_lag": 0.0, "publish": 5.0, "queue_wait": 0.0, "execution": 4.0, "return": 1.0}


def test_a_stamp_that_could_not_be_had_takes_no_time() -> None:
    """Asyncio publishes nothing: its stamp is 0, and all before the execution is the wait for a slot."""
    stages = folded([(10, 10, 0, 10 + 4 * MS, 10 + 9 * MS, 10 + 9 * MS, 0)]).stages()
    assert stages is not None
    assert means_of(stages) == {"driver_lag": 0.0, "publish": 0.0, "queue_wait": 4.0, "execution": 5.0, "return": 0.0}


stamps = st.integers(min_value=0, max_value=10 * S)


@settings(max_examples=60)
@given(st.lists(st.tuples(stamps, stamps, stamps, stamps, stamps), min_size=1, max_size=20))
def test_the_stages_add_up_to_the_latency(drawn: list[tuple[int, ...]]) -> None:
    """Exactly, for every order in which the stamps may lie."""
    rows: list[Row] = []
    for due, start_after, publish_end, exec_start, exec_end in drawn:
        start = due + start_after
        rows.append((due, start, publish_end, exec_start, exec_end, start + 3 * S, 0))
    fold = folded(rows, 0, 20 * S)
    total = sum(fold.mean_ms(stage) for stage in STAGES)
    assert total == pytest.approx(fold.mean_ms("latency"), rel=1e-12)
    assert all(fold.chain.histograms[stage].get_total_count() == len(rows) for stage in STAGES)
    assert all(fold.mean_ms(stage) >= 0 for stage in STAGES)


def test_stamps_of_a_foreign_clock_are_never_subtracted_from_ours() -> None:
    """With another boot id, workers give durations alone; throughput then takes the driver's own stamps."""
    foreign = 10**15
    rows = [(0, 0, MS, foreign, foreign + 20 * MS, S // 2, 0)]
    fold = folded(rows, comparable=False)
    stages = fold.stages()
    assert stages is not None
    assert means_of(stages) == {"driver_lag": 0.0, "publish": 1.0, "execution": 20.0, "transport": 479.0}
    assert fold.throughput_per_s == pytest.approx(1.0)
    assert set(fold.encoded()) == {"latency", "uncorrected", *means_of(stages)}


def test_stamps_of_the_last_of_several_executions_are_not_those_of_the_whole() -> None:
    """All that lies between publishing and the reply is transport; throughput takes the driver's own stamps."""
    fold = Fold(0, S, True, 1, stamped=False)
    fold.add(numbered([(0, 0, MS, S // 2 - MS, S // 2, S // 2, 0)]))
    stages = fold.stages()
    assert stages is not None
    assert means_of(stages) == {"driver_lag": 0.0, "publish": 1.0, "transport": 499.0}
    assert not fold.comparable
    assert fold.throughput_per_s == pytest.approx(1.0)
    assert fold.slot_gap_ms(1) is None


def test_a_foreign_duration_is_never_longer_than_what_it_is_part_of() -> None:
    """Clocks run at slightly different rates: transport is then 0, never below."""
    stages = folded([(0, 0, MS, 10**15, 10**15 + S, S // 2, 0)], comparable=False).stages()
    assert stages is not None
    assert means_of(stages) == {"driver_lag": 0.0, "publish": 1.0, "execution": 499.0, "transport": 0.0}


def test_each_request_is_kept_by_its_number() -> None:
    """What never ended, what ended twice and what nobody issued are told apart."""
    fold = Fold(0, S, True, issued=4)
    rows = numbered([row(n, status=Status(n % 4)) for n in range(3)])
    fold.add(rows)
    fold.add(rows[1:2])
    fold.add(np.array([[9, *row(0)]], dtype=np.int64))
    assert fold.endings.tolist() == [Status.OK, Status.WRONG, Status.FAILED, NOT_ENDED]
    assert fold.ended_twice == 2


def test_the_backlog_is_what_is_due_and_not_answered() -> None:
    """Ten requests due at once and answered one every tenth of the window: it falls by a tenth each time."""
    fold = folded([row(0, took=n * S // 10 + 1) for n in range(10)])
    assert fold.backlog.tolist()[::4] == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]


def test_what_is_lost_stays_in_the_backlog() -> None:
    """It was due and never answered, whenever it was given up."""
    assert folded([row(0, status=Status.LOST)]).backlog.tolist() == [1] * 41


def test_done_by_part_counts_all_that_were_submitted() -> None:
    """Of ten due at once, nine good: half of them after the fifth, all of them never."""
    rows = [row(0, took=(n + 1) * MS) for n in range(9)] + [row(0, status=Status.FAILED)]
    fold = folded(rows)
    assert fold.done_ms(0.5) == pytest.approx(5.0, rel=1e-3)
    assert fold.done_ms(0.9) == 9.0
    assert fold.done_ms(1.0) is None


def test_work_lasts_from_the_first_start_to_the_last_end() -> None:
    """Of good replies due within the window."""
    fold = folded([row(5 * MS), row(2 * MS, took=7 * MS), row(MS, status=Status.FAILED), row(-MS)])
    assert fold.work_ns == (2 * MS, 9 * MS)


@pytest.mark.parametrize(
    ("requests", "blank"),
    [(19, {"p50", "p90", "p99", "p999"}), (20, {"p90", "p99", "p999"}), (999, {"p99", "p999"}), (1000, {"p999"})],
)
def test_a_percentile_with_too_few_beyond_it_is_blank(requests: int, blank: set[str]) -> None:
    """Fewer than ten samples beyond a percentile: it is left out."""
    latency = folded([row(n, took=MS) for n in range(requests)]).latency("latency")
    assert latency is not None
    assert {name for name in ("p50", "p90", "p99", "p999") if getattr(latency, name) is None} == blank


def test_percentiles_keep_three_digits() -> None:
    """1,000 latencies of 1 to 1,000 ms: the percentiles are those, to a thousandth."""
    latency = folded([row(n, took=(n + 1) * MS) for n in range(1000)]).latency("latency")
    assert latency is not None
    assert latency.p50 == pytest.approx(500, rel=1e-3)
    assert latency.p90 == pytest.approx(900, rel=1e-3)
    assert latency.p99 == pytest.approx(990, rel=1e-3)
    assert (latency.min, latency.mean, latency.max) == (1.0, 500.5, 1000.0)


durations = st.lists(st.integers(min_value=0, max_value=3_600_000_000_000), max_size=30)


@settings(max_examples=40)
@given(st.lists(durations, min_size=1, max_size=4))
def test_merged_histograms_equal_one_of_all_values(trials: list[list[int]]) -> None:
    """Trials and drivers merge exactly: nothing is lost, nothing is averaged."""
    apart = [folded([row(n, took=took) for n, took in enumerate(trial)]) for trial in trials if trial]
    together = [took for trial in trials for took in trial]
    merged = merge([fold.encoded()["latency"] for fold in apart])
    if not together:
        assert merged.get_total_count() == 0
        return
    whole = folded([row(n, took=took) for n, took in enumerate(together)]).chain.histograms["latency"]
    assert merged.get_total_count() == whole.get_total_count() == len(together)
    for percent in (0.0, 1.0, 10.0, 50.0, 90.0, 99.0, 100.0):
        assert merged.get_value_at_percentile(percent) == whole.get_value_at_percentile(percent)
    assert _recorded(merged) == _recorded(whole)


def test_an_empty_histogram_has_no_percentile() -> None:
    """None, rather than 0 ms."""
    assert percentile_ms(new_histogram(), 50) is None


def test_folding_by_chunks_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool folded seven rows at a time gives what one chunk gives."""
    rows = [row(n * MS, took=(n % 17) * MS, status=Status(n % 4 if n % 5 == 0 else 0)) for n in range(1000)]
    recorder = Recorder(tmp_path / "spool")
    for number, one in enumerate(rows):
        recorder.record((number, *one))
    recorder.close()
    whole = folded(rows)
    monkeypatch.setattr(rows_of_spool, "CHUNK_ROWS", 7)
    chunked = fold_spool(tmp_path / "spool", 0, S, comparable=True, issued=len(rows))
    assert chunked.counts == whole.counts
    assert chunked.throughput_per_s == pytest.approx(whole.throughput_per_s)
    assert chunked.stages() == whole.stages()
    assert chunked.latency("latency") == whole.latency("latency")
    assert chunked.encoded() == whole.encoded()
    assert chunked.backlog.tolist() == whole.backlog.tolist()
    assert chunked.endings.tolist() == whole.endings.tolist()
    assert chunked.work_ns == whole.work_ns
    assert chunked.ended_twice == whole.ended_twice == 0


def _recorded(histogram: Any) -> list[tuple[int, int]]:
    """All that a histogram holds: value and count."""
    return [(item.value_iterated_to, item.count_at_value_iterated_to) for item in histogram.get_recorded_iterator()]


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
    parts = Fold(0, S, True, len(rows))
    for begin in range(0, len(rows), 100):
        parts.add(numbered(rows)[begin : begin + 100])
    assert whole.timeline() == parts.timeline()
    assert Fold(0, S, True, 0).timeline() is None

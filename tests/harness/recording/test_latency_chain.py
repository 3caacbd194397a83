"""Latency and its chain: where the time of a request went."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.recording.fold import Fold
from harness.recording.fold_terms import FoldTerms
from harness.recording.latency_chain import STAGES
from harness.recording.spool import Status
from tests.harness.recording.made_rows import MS, Row, S, folded, means_of, numbered, row

stamps = st.integers(min_value=0, max_value=10 * S)


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
    assert all(fold.chain.histograms[stage].total == len(rows) for stage in STAGES)
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
    fold = Fold(FoldTerms(0, S, True, stamped=False), 1)
    fold.add(numbered([(0, 0, MS, S // 2 - MS, S // 2, S // 2, 0)]))
    found = fold.folded()
    stages = found.stages()
    assert stages is not None
    assert means_of(stages) == {"driver_lag": 0.0, "publish": 1.0, "transport": 499.0}
    assert not found.comparable
    assert found.throughput_per_s == pytest.approx(1.0)
    assert found.slot_gap_ms(1) is None


def test_a_foreign_duration_is_never_longer_than_what_it_is_part_of() -> None:
    """Clocks run at slightly different rates: transport is then 0, never below."""
    stages = folded([(0, 0, MS, 10**15, 10**15 + S, S // 2, 0)], comparable=False).stages()
    assert stages is not None
    assert means_of(stages) == {"driver_lag": 0.0, "publish": 1.0, "execution": 499.0, "transport": 0.0}


def test_done_by_part_counts_all_that_were_submitted() -> None:
    """Of ten due at once, nine good: half of them after the fifth, all of them never."""
    rows = [row(0, took=(n + 1) * MS) for n in range(9)] + [row(0, status=Status.FAILED)]
    fold = folded(rows)
    assert fold.done_ms(0.5) == pytest.approx(5.0, rel=1e-3)
    assert fold.done_ms(0.9) == 9.0
    assert fold.done_ms(1.0) is None


@given(st.lists(st.lists(st.integers(1, 3600 * S), min_size=1, max_size=20), min_size=1, max_size=4))
@settings(max_examples=60)
def test_the_scatter_is_the_standard_deviation_by_the_mean(parts: list[list[int]]) -> None:
    """Of all replies, in however many parts they were folded in; to a ten-millionth of the mean."""
    fold = Fold(FoldTerms(0, S, True), 0)
    for part in parts:
        fold.add(numbered([row(0, took=took) for took in part]))
    together = np.concatenate(parts)
    assert fold.folded().chain.scatter == pytest.approx(float(together.std() / together.mean()), abs=1e-7)


def test_without_a_reply_there_is_no_scatter() -> None:
    """0, instead of a division by 0."""
    assert folded([row(0, status=Status.FAILED)]).chain.scatter == 0.0

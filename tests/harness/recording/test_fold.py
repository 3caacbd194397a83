"""Folding stamps into figures, on rows made by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recording import rows as rows_of_spool
from harness.recording.endings import NOT_ENDED
from harness.recording.fold import Fold, fold_spool
from harness.recording.fold_terms import FoldTerms
from harness.recording.spool import Recorder, Status
from tests.harness.recording.made_rows import MS, S, folded, numbered, row


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


def test_what_lies_beyond_the_edges_of_the_window_is_known() -> None:
    """Of two clients, one of whose requests is held up for 3 s after the end; in waves, both edges are equal."""
    held_up = [*(row(n * 100 * MS, took=100 * MS) for n in range(9)), row(900 * MS, took=3100 * MS)]
    assert folded(held_up).edges_ms == pytest.approx(3000 / 10)
    in_waves = [row(n * 100 * MS - 50 * MS, took=100 * MS) for n in range(12)]
    assert folded(in_waves).edges_ms == pytest.approx(0.0)
    assert folded([]).edges_ms == 0.0


def test_executions_that_were_waited_for_across_an_edge_are_known() -> None:
    """One due before the window begins in it, another one halfway; one of the window's own begins after it."""
    before, after = [(-MS, -MS, -MS, 0, MS, 2 * MS, 0)], [(S - MS, S - MS, S - MS, S, S + MS, S + MS, 0)]
    half = [(-MS, -MS, -MS, S - MS, S + MS, S + MS, 0)]
    assert folded([row(100 * MS), *before]).waited == 1.0
    assert folded([row(100 * MS), *before, *half]).waited == pytest.approx(1.5)
    assert folded([row(100 * MS), *before, *after]).waited == 0.0
    assert folded([row(-MS, took=2 * MS)]).waited == 0.0


def test_replies_of_one_time_are_one_observation() -> None:
    """A hundred clients in lockstep, the last of whose ten waves is twice as long: ten values, rather than 1,000."""
    fold = folded([row(n * 100 * MS, took=200 * MS if n == 9 else 100 * MS) for n in range(10) for _ in range(100)])
    assert fold.chain.scatter / 1000**0.5 == pytest.approx(0.00862, rel=0.01)
    assert 0.07 < fold.error < 0.1
    assert folded([row(n * 10 * MS, took=10 * MS) for n in range(99)]).error == pytest.approx(0.0, abs=1e-9)
    assert folded([]).error == 0.0


def test_drift_is_the_second_half_against_the_first() -> None:
    """Twice as much done in the second half is a drift of 2."""
    assert folded([row(100 * MS), row(600 * MS), row(700 * MS)]).drift == pytest.approx(2.0)


def test_each_request_is_kept_by_its_number() -> None:
    """What never ended, what ended twice and what nobody issued are told apart."""
    fold = Fold(FoldTerms(0, S, True), issued=4)
    rows = numbered([row(n, status=Status(n % 4)) for n in range(3)])
    fold.add(rows)
    fold.add(rows[1:2])
    fold.add(np.array([[9, *row(0)]], dtype=np.int64))
    endings = fold.folded().endings
    assert endings.at(np.arange(4)).tolist() == [Status.OK, Status.WRONG, Status.FAILED, NOT_ENDED]
    assert fold.folded().ended_twice == 2


def test_the_backlog_is_what_is_due_and_not_answered() -> None:
    """Ten requests due at once and answered one every tenth of the window: it falls by a tenth each time."""
    fold = folded([row(0, took=n * S // 10 + 1) for n in range(10)])
    assert fold.backlog.tolist()[::4] == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]


def test_what_is_lost_stays_in_the_backlog() -> None:
    """It was due and never answered, whenever it was given up."""
    assert folded([row(0, status=Status.LOST)]).backlog.tolist() == [1] * 41


def test_work_lasts_from_the_first_start_to_the_last_end() -> None:
    """Of good replies due within the window."""
    fold = folded([row(5 * MS), row(2 * MS, took=7 * MS), row(MS, status=Status.FAILED), row(-MS)])
    assert fold.work_ns == (2 * MS, 9 * MS)


def test_folding_by_chunks_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool folded seven rows at a time gives what one chunk gives."""
    rows = [row(n * MS, took=(n % 17) * MS, status=Status(n % 4 if n % 5 == 0 else 0)) for n in range(1000)]
    recorder = Recorder(tmp_path / "spool")
    for number, one in enumerate(rows):
        recorder.record((number, *one))
    recorder.close()
    whole = folded(rows)
    monkeypatch.setattr(rows_of_spool, "CHUNK_ROWS", 7)
    chunked = fold_spool(tmp_path / "spool", FoldTerms(0, S, True), len(rows))
    assert chunked.counts == whole.counts
    assert chunked.throughput_per_s == pytest.approx(whole.throughput_per_s)
    assert chunked.stages() == whole.stages()
    assert chunked.latency("latency") == whole.latency("latency")
    assert chunked.encoded() == whole.encoded()
    assert chunked.backlog.tolist() == whole.backlog.tolist()
    assert chunked.endings.ends.tolist() == whole.endings.ends.tolist()
    assert chunked.endings.kinds.tolist() == whole.endings.kinds.tolist()
    assert chunked.work_ns == whole.work_ns
    assert chunked.ended_twice == whole.ended_twice == 0


def test_what_executions_took_within_the_window_is_added_up() -> None:
    """By the part that lies inside, of good replies; nothing where their stamps are of another clock."""
    rows = [row(-S, took=S + 300 * MS), row(0, took=100 * MS), row(900 * MS, took=S), row(-S, took=3 * S)]
    rows += [row(200 * MS, took=MS, status=Status.FAILED), row(2 * S, took=S), row(-5 * S, took=S)]
    assert folded(rows).executing_ns == (300 + 100 + 100 + 1000) * MS
    assert folded(rows, comparable=False).executing_ns == 0

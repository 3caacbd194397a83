"""Drivers fold their own rows: what their parts amount to is what one fold of all rows does, exactly."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ServiceError
from harness.recording import parcel
from harness.recording.endings import Endings
from harness.recording.fold import Fold, fold_spool
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded, together
from harness.recording.parcel import packed, unpacked
from harness.recording.request_numbers import first_number
from harness.recording.rows import DONE, NUMBER, STATUS, Rows
from harness.recording.spool import COLUMNS, Status
from tests.harness.recording.made_rows import MS, S, folded, row

AHEAD_NS = 123_456_789_012_345_678
stages = st.tuples(*[st.sampled_from([0, 1, 499, 500, 999, 10**5, 3 * 10**6, 2 * 10**9]) | st.integers(0, S)] * 4)
requests = st.lists(
    st.tuples(st.integers(-S // 4, S + S // 4), stages, st.sampled_from([Status.OK] * 9 + list(Status))),
    min_size=1,
    max_size=60,
)
all_terms = st.builds(
    FoldTerms,
    st.integers(0, S // 3),
    st.integers(S // 2, S + 7),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 1, 5, 4096]),
)


def rows_of(drawn: list[tuple[int, tuple[int, ...], Status]]) -> Rows:
    """In the order of completion; some executions began before publishing returned."""
    rows = []
    for due, (lag, publish, waits, works), status in drawn:
        start = due + lag
        began = start + max(0, publish - waits % 3 * 1000) + waits
        rows.append((0, due, start, start + publish, began, began + works, began + works + waits % 7, int(status)))
    made = np.array(rows, dtype=np.int64)
    made[:, 1:STATUS] += S
    return made[np.argsort(made[:, DONE], kind="stable")]


@settings(max_examples=70, deadline=None)
@given(requests, all_terms, st.integers(1, 5), st.integers(1, 20), st.randoms(use_true_random=False))
def test_the_parts_of_all_drivers_are_one_fold_of_all_rows(
    drawn: list[tuple[int, tuple[int, ...], Status]], terms: FoldTerms, drivers: int, chunk: int, order: object
) -> None:
    """Whoever had which request, by whichever clock, in chunks of any size: every figure, to the bit."""
    rows, terms = rows_of(drawn), terms.moved(S)
    dealt = np.array([number * 7919 % drivers for number in range(len(rows))])
    parts, before = [], 0
    for driver in range(drivers):
        mine = rows[dealt == driver]
        rows[dealt == driver, NUMBER] = before + np.arange(len(mine))
        mine[:, NUMBER] = np.arange(len(mine))
        mine[:, 1:STATUS] += AHEAD_NS
        theirs = Fold(terms.moved(AHEAD_NS), len(mine))
        for begin in range(0, len(mine), chunk):
            theirs.add(mine[begin : begin + chunk])
        body = packed(theirs.folded())
        parts.append(unpacked(body, terms.moved(AHEAD_NS), len(mine)).moved(-AHEAD_NS))
        before += len(mine)
    whole = Fold(terms, len(rows))
    whole.add(rows)
    assert packed(together(parts)) == packed(whole.folded())


def test_a_spool_is_folded_by_the_numbers_of_its_driver(tmp_path: Path) -> None:
    """A row of another driver's number, or beyond its own, is of a request that was never issued."""
    numbers = [first_number(2), first_number(2) + 1, first_number(1), first_number(2) + 2, -1]
    rows = np.array([(number, *row(MS)) for number in numbers], dtype=np.int64)
    rows.tofile(tmp_path / "spool")
    found = fold_spool(tmp_path / "spool", FoldTerms(0, S, True), 2, driver=2)
    assert (found.endings.count(Status.OK), found.ended_twice) == (2, 3)


def lognormal(requests: int, *, failing: float = 0.0) -> Folded:
    """Latencies from a hundredth of a second to tens of seconds, each stage with another spread."""
    draw = np.random.default_rng(1)
    steps = [draw.lognormal(mean, 1.0, requests).astype(np.int64) for mean in (11, 13, 18, 17, 14)]
    stamps = np.cumsum([np.sort(draw.integers(0, 100 * S, requests)), *steps], axis=0)
    status = np.where(draw.random(requests) < failing, Status.FAILED, Status.OK)
    rows = np.column_stack([np.arange(requests), *stamps, status])
    assert rows.shape[1] == len(COLUMNS)
    fold = Fold(FoldTerms(0, 100 * S, True, edge=0), requests)
    fold.add(rows[np.argsort(rows[:, DONE], kind="stable")])
    return fold.folded()


def test_a_trial_takes_less_than_100_kb_whatever_its_number_of_requests() -> None:
    """Rows take 64 bytes each, 25 when compressed; counters are as many as there are different values."""
    assert len(packed(lognormal(1000))) < 25_000
    assert len(packed(lognormal(300_000))) < 80_000


def test_faults_at_random_take_two_bits_a_request() -> None:
    """They have no runs, and each is kept by its number all the same."""
    few, many = (len(packed(lognormal(200_000, failing=share))) for share in (0.0, 0.5))
    assert many - few < 200_000 / 4


GOOD = folded([row(n * MS, status=Status.OK if n % 3 else Status.LOST) for n in range(30)])


def test_what_arrives_is_what_was_sent() -> None:
    """All of it."""
    assert packed(unpacked(packed(GOOD), GOOD.terms, 30)) == packed(GOOD)


@pytest.mark.parametrize(
    ("terms", "issued"),
    [(GOOD.terms, 29), (GOOD.terms, 31), (GOOD.terms.moved(1), 30), (GOOD.terms._replace(comparable=False), 30)],
)
def test_figures_of_another_trial_are_refused(terms: FoldTerms, issued: int) -> None:
    """Of another window, another number of requests."""
    with pytest.raises(ServiceError, match="figures that no trial has, or of another one"):
        unpacked(packed(GOOD), terms, issued)


def test_endings_that_go_back_are_refused() -> None:
    """Below 0 in the end, which is no number of requests."""
    back = folded([row(n * MS) for n in range(30)])
    back.endings = Endings(np.array([40, -5]), np.array([0, 1], np.int8))
    with pytest.raises(ServiceError, match="figures that no trial has"):
        unpacked(packed(back), back.terms, 30)


@settings(max_examples=70, deadline=None)
@given(st.data())
def test_whatever_arrives_is_figures_or_refused(data: st.DataObject) -> None:
    """A mutated body ends in one error, and what is accepted has all figures of a trial."""
    plain = bytearray(zlib.decompress(packed(GOOD)))
    for _ in range(data.draw(st.integers(1, 4))):
        plain[data.draw(st.integers(0, len(plain) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = unpacked(zlib.compress(bytes(plain)), GOOD.terms, 30)
    except ServiceError:
        return
    whole = together([found, GOOD])
    assert whole.counts.submitted == found.counts.submitted + 30
    for part in (found, whole):
        _ = part.latency("latency"), part.stages(), part.timeline(), part.encoded(), part.throughput_per_s
        _ = (
            part.drift,
            part.error,
            part.waited,
            part.edges_ms,
            part.longest_pause_s,
            part.done_ms(0.5),
            part.slot_gap_ms(4),
        )


def test_more_than_a_limit_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of some kB may be one of gigabytes."""
    monkeypatch.setattr(parcel, "UNPACKED_MOST", 100)
    with pytest.raises(ServiceError, match="figures that"):
        unpacked(packed(GOOD), GOOD.terms, 30)
    with pytest.raises(ServiceError, match="cannot be read"):
        unpacked(b"no zlib", GOOD.terms, 30)

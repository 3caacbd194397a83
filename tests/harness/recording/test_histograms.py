"""Histograms: percentiles that can be known, and exact merging."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.recording.hdr import Histogram
from harness.recording.histograms import merge, percentile_ms
from tests.harness.recording.made_rows import MS, folded, row

durations = st.lists(st.integers(min_value=0, max_value=3_600_000_000_000), max_size=30)


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


@pytest.mark.parametrize("took", [50_203_000, 3_999 * 10**9])
def test_no_percentile_lies_beyond_what_was_recorded(took: int) -> None:
    """A counter stands for the highest of its values, 50.207 ms for 50.203; the last one for all beyond an hour."""
    fold = folded([row(n, took=took) for n in range(2000)])
    latency, stages = fold.latency("latency"), fold.stages()
    assert latency is not None
    assert stages is not None
    assert stages.execution is not None
    assert {latency.min, latency.p50, latency.p90, latency.p99, latency.max} == {took / 1e6}
    assert {stages.execution.p50, stages.execution.p99} == {stages.execution.mean}
    assert fold.done_ms(0.99) == fold.done_ms(1.0) == took / 1e6


@settings(max_examples=40)
@given(st.lists(durations, min_size=1, max_size=4))
def test_merged_histograms_equal_one_of_all_values(trials: list[list[int]]) -> None:
    """Trials and drivers merge exactly: nothing is lost, nothing is averaged."""
    apart = [folded([row(n, took=took) for n, took in enumerate(trial)]) for trial in trials if trial]
    together = [took for trial in trials for took in trial]
    merged = merge([fold.encoded()["latency"] for fold in apart])
    if not together:
        assert merged.total == 0
        return
    whole = folded([row(n, took=took) for n, took in enumerate(together)]).chain.histograms["latency"]
    assert merged.total == whole.total == len(together)
    assert merged.encode() == whole.encode()  # all cells, from which every percentile follows


def test_an_empty_histogram_has_no_percentile() -> None:
    """None, rather than 0 ms."""
    assert percentile_ms(Histogram(), 50) is None

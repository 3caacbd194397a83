"""Surge: what more than can be served leaves behind is gone after surplus ÷ spare rate; or it never is."""

import itertools
from collections.abc import Iterator

import pytest

from harness.errors import UsageError
from harness.loads.load import parse_load
from harness.loads.surge import Surge
from harness.machine.clock import NS
from tests.harness.loads.conftest import CAPACITY_PER_S, Run


@pytest.mark.parametrize(
    ("text", "as_read"),
    [
        ("surge:50/s*4", "surge:50/s*4:2s"),
        ("surge:50/s*4:500ms", "surge:50/s*4:0.5s"),
        ("surge:0.5/s*1.5:1min", "surge:0.5/s*1.5:60s"),
    ],
)
def test_it_is_read_as_it_is_written(text: str, as_read: str) -> None:
    """With two seconds where no time is given."""
    load = parse_load(text, "--load")
    assert isinstance(load, Surge)
    assert load.text == parse_load(load.text, "--load").text == as_read
    described = load.describe()
    assert (described.rate_per_s, described.factor, described.lasts_s) == (load.rate_per_s, load.factor, load.lasts_s)


@pytest.mark.parametrize(
    "text", ["surge:50/s", "surge:50*4", "surge:50/s*1", "surge:50/s*x", "surge:0/s*4", "surge:900/s*1e9", "surge:"]
)
def test_what_is_wrong_is_said(text: str) -> None:
    """With an example."""
    with pytest.raises(UsageError, match=r"expected surge:R/s\*F\[:TIME\].*such as surge:50/s\*4"):
        parse_load(text, "--load")
    with pytest.raises(UsageError, match="expected a duration above 0"):
        parse_load("surge:50/s*4:fast", "--load")


def test_a_surge_brings_its_factor_also_where_arrivals_were_rare_before() -> None:
    """Gaps of two seconds on average before it: none reaches into it."""
    surge = Surge(0.5, 20.0, 2.0)
    counts = {"before": 0, "during": 0, "after": 0}
    for seed in range(200):
        for at_s in itertools.takewhile(lambda at_s: at_s < 6.0, arrivals_s(surge, seed)):
            counts["before" if at_s < 2.0 else "during" if at_s < 4.0 else "after"] += 1
    assert counts["during"] == pytest.approx(200 * 0.5 * 20 * 2, rel=0.05)
    assert [counts["before"], counts["after"]] == pytest.approx([200, 200], rel=0.25)


def arrivals_s(surge: Surge, seed: int) -> Iterator[float]:
    """In seconds from its begin, without end."""
    return (at_ns / NS for at_ns in itertools.accumulate(surge.gaps_ns(seed)))


def test_it_is_not_watched_for_hours() -> None:
    """A thousand times the rate for two seconds: ten minutes; a surge of two hours: ten times as long."""
    assert Surge(100.0, 1000.0, 2.0).expected_s(0.0, None) == 600.0
    assert Surge(100.0, 5.0, 7200.0).expected_s(0.0, None) == 72_000.0


@pytest.mark.parametrize(("rate_per_s", "factor"), [(40.0, 4.0), (20.0, 6.0)])
def test_what_waits_is_gone_after_surplus_by_spare_rate(run: Run, rate_per_s: float, factor: float) -> None:
    """Within a tenth, which is the chance of random arrivals; at its peak, the surplus waits."""
    lasts_s = 20.0
    driven, figures = run(f"surge:{rate_per_s:g}/s*{factor:g}:{lasts_s:g}s")
    surplus = (factor * rate_per_s - CAPACITY_PER_S) * lasts_s
    assert figures.surge is not None
    assert figures.surge.recovered_s == pytest.approx(surplus / (CAPACITY_PER_S - rate_per_s), rel=0.1)
    assert figures.surge.peak == pytest.approx(surplus, rel=0.1)
    assert driven.fold.counts.ok == driven.fold.counts.submitted == driven.recording.issued


def test_a_rate_that_is_not_sustained_never_recovers(run: Run) -> None:
    """It is watched for ten times the surge and the factor, and all that waits is served in the end."""
    _, figures = run("surge:100/s*2:1s")
    assert figures.surge is not None
    assert figures.surge.recovered_s is None
    assert figures.surge.watched_s == pytest.approx(20.0, rel=0.01)


def test_a_surge_that_is_served_leaves_nothing(run: Run) -> None:
    """It has recovered at once, or nearly so."""
    _, figures = run("surge:10/s*2:2s")
    assert figures.surge is not None
    assert figures.surge.recovered_s is not None
    assert figures.surge.recovered_s < 0.2

"""Comparisons: pairs over rounds, and no verdict from too few of them."""

from typing import Any

import msgspec
import pytest

from harness.loads.open import Open
from harness.results.model import Cell
from harness.statistics.comparisons import comparisons
from harness.statistics.doubts import of_growth
from tests.builders import cell_of, latency_of, summarised, trial_of, view_of
from tests.harness.statistics.test_groups import four_cells

FIVE = [100.0, 101.0, 99.0, 100.5, 99.5]


def celery(rates: list[float]) -> Cell:
    """A Celery cell with a trial a round at each of those rates."""
    return cell_of("celery-threads", rates, side="celery", id="celery")


def throughput(base: Cell, other: Cell) -> tuple[float, str | None]:
    """Ratio and verdict of the throughput."""
    (found,) = [one for one in comparisons([base, other], [view_of()]) if one.metric == "throughput_per_s"]
    return found.ratio, found.verdict


def test_a_clear_difference_over_five_rounds_is_a_verdict() -> None:
    """Half the rate is slower."""
    ratio, verdict = throughput(cell_of(rates=FIVE), celery([rate / 2 for rate in FIVE]))
    assert ratio == pytest.approx(0.5)
    assert verdict == "slower"


def test_an_interval_that_holds_one_is_no_difference() -> None:
    """Said plainly."""
    _, verdict = throughput(cell_of(rates=FIVE), celery(FIVE[::-1]))
    assert verdict == "no difference"


def test_fewer_than_five_rounds_give_no_verdict() -> None:
    """The ratio stands, the verdict does not."""
    ratio, verdict = throughput(cell_of(rates=FIVE[:4]), celery([rate / 2 for rate in FIVE[:4]]))
    assert ratio == pytest.approx(0.5)
    assert verdict is None


def test_rounds_pair_by_their_number() -> None:
    """A round that one of both did not measure counts for neither."""
    base = cell_of(trials=[trial_of(number, 100.0) for number in (1, 2, 3)])
    other = cell_of("celery-threads", side="celery", trials=[trial_of(2, 50.0), trial_of(3, 50.0)])
    (found,) = [one for one in comparisons([base, other], [view_of()]) if one.metric == "throughput_per_s"]
    assert found.rounds == 2


def test_of_several_trials_in_a_round_the_mean_counts() -> None:
    """One that went badly is one of three."""
    base = cell_of(trials=[trial_of(number, rate) for number in range(1, 6) for rate in (100.0, 200.0, 50.0)])
    ratio, _ = throughput(base, celery([50.0] * 5))
    assert ratio == pytest.approx(0.5)


def test_an_unmatched_view_compares_nothing() -> None:
    """Unequal slots are no contest."""
    assert comparisons([cell_of(rates=FIVE), celery(FIVE)], [view_of("none")]) == []


def test_latency_is_compared_in_open_loads_alone() -> None:
    """In a closed load it is Little's law."""
    closed = {one.metric for one in comparisons([cell_of(rates=FIVE), celery(FIVE)], [view_of()])}
    load = Open(50.0).describe()
    pair = [cell_of(rates=FIVE, load=load), cell_of("celery-threads", FIVE, side="celery", load=load)]
    opened = {one.metric for one in comparisons(pair, [view_of()])}
    assert "throughput_per_s" in closed
    assert not any(metric.startswith("latency") for metric in closed)
    assert "latency_p99_ms" in opened
    assert "throughput_per_s" not in opened


def opened(contender: str, middles_ms: list[float], **changes: Any) -> Cell:
    """A cell of an open load, with a trial a round at each median latency."""
    trials = [trial_of(n, latency_ms=latency_of(ms)) for n, ms in enumerate(middles_ms, start=1)]
    return summarised(cell_of(contender, trials=trials, load=Open(50.0).describe(), id=contender, **changes))


def test_latency_is_not_compared_where_a_rate_was_not_sustained() -> None:
    """It then depends on how long was measured: no comparison, no best."""
    (doubt,) = of_growth(True, 50.0, 40.0)
    quick, slow = opened("asyncio", FIVE), opened("celery-threads", [2 * ms for ms in FIVE], side="celery")
    flooded = [msgspec.structs.replace(trial, doubts=[doubt]) for trial in slow.trials]
    slow = msgspec.structs.replace(slow, trials=flooded)
    found = {one.metric for one in comparisons([quick, slow], [view_of()])}
    assert found == {"cpu_s_per_1000", "memory_mb"}


def test_each_number_of_slots_is_compared_with_its_own_base() -> None:
    """Asyncio with as many."""
    found = {(one.base, one.contender) for one in comparisons(four_cells(), [view_of("slots")])}
    assert found == {("asyncio:2", "celery-threads:2"), ("asyncio:8", "celery-threads:8")}

"""Comparisons: pairs over rounds, and no verdict from too few of them."""

import pytest

from harness.compare import best, comparisons
from harness.loads.open import Open
from harness.model import Cell
from tests.builders import cell_of, trial_of, view_of

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


def test_best_needs_an_interval_above_one_against_every_other() -> None:
    """Without a summary there is nothing to rank."""
    assert best([cell_of(rates=FIVE), celery(FIVE)]) is None

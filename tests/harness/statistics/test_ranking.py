"""Ranking: a best row only where its interval says so."""

from typing import Any

import msgspec

from harness.loads.open import Open
from harness.results.model import Cell
from harness.statistics.doubts import of_growth
from harness.statistics.metrics import MEDIAN_LATENCY
from harness.statistics.ranking import best, leading
from tests.builders import cell_of, latency_of, summarised, trial_of

FIVE = [100.0, 101.0, 99.0, 100.5, 99.5]


def celery(rates: list[float]) -> Cell:
    """A Celery cell with a trial a round at each of those rates."""
    return cell_of("celery-threads", rates, side="celery", id="celery")


def opened(contender: str, middles_ms: list[float], **changes: Any) -> Cell:
    """A cell of an open load, with a trial a round at each median latency."""
    trials = [trial_of(n, latency_ms=latency_of(ms)) for n, ms in enumerate(middles_ms, start=1)]
    return summarised(cell_of(contender, trials=trials, load=Open(50.0).describe(), id=contender, **changes))


def test_without_a_summary_there_is_nothing_to_rank() -> None:
    """A cell that was not measured has none."""
    assert best([cell_of(rates=FIVE), celery(FIVE)]) is None


def test_the_best_has_an_interval_on_the_better_side_of_one_against_every_other() -> None:
    """Most requests/s; with a verdict from five rounds, indicative with fewer, none where an interval holds 1."""
    fast, slow = summarised(cell_of(rates=FIVE)), summarised(celery([rate / 2 for rate in FIVE]))
    assert best([slow, fast]) == (fast, False)
    few = [summarised(cell_of(rates=rates)) for rates in (FIVE[:3], [50.0, 50.1, 49.9])]
    assert best(few) == (few[0], True)
    assert best([fast, summarised(celery(FIVE[::-1]))]) is None


def test_the_best_of_an_open_load_has_the_lowest_median_latency() -> None:
    """And not the most requests/s, which are the rate's."""
    quick, slow = opened("asyncio", FIVE), opened("celery-threads", [2 * ms for ms in FIVE], side="celery")
    assert best([slow, quick]) == (quick, False)
    assert leading([slow, quick], MEDIAN_LATENCY) == quick


def test_nothing_is_best_where_a_rate_was_not_sustained() -> None:
    """Its latency then depends on how long the trial ran."""
    (doubt,) = of_growth(True, 50.0, 40.0)
    quick, slow = opened("asyncio", FIVE), opened("celery-threads", [2 * ms for ms in FIVE], side="celery")
    flooded = [msgspec.structs.replace(trial, doubts=[doubt]) for trial in slow.trials]
    slow = msgspec.structs.replace(slow, trials=flooded)
    assert best([slow, quick]) is None

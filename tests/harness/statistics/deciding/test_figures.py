"""The figures of a decision, as its cells have them."""

import msgspec

from harness.results.model import Cell, Results
from harness.statistics.deciding.figures import Figures, figures_of
from harness.statistics.metrics import CPU, P99_LATENCY
from tests.builders import results_of
from tests.harness.report.card.decided import POOL, decided, side_of


def figures(results: Results) -> Figures:
    """It is a decision."""
    found = figures_of(results)
    assert found is not None
    return found


def cells(rounds: int) -> list[Cell]:
    """Both sides."""
    return [*side_of("asyncio", 53.0, 1.3, 26.0, rounds), *side_of("celery", 66.0, 8.0, 95.0, rounds)]


def test_a_ratio_says_nothing_after_too_few_rounds() -> None:
    """However far it lies from 1."""
    many, few = figures(decided(cells(5))), figures(decided(cells(3)))
    assert (many.enough, many.ratios[CPU.key].said, many.ratios[P99_LATENCY.key].said) == (True, "above", "above")
    assert (few.enough, few.ratios[CPU.key].said) == (False, "undecided")
    assert few.ratios[CPU.key].value > 6


def test_cores_are_cpu_a_request_times_the_rate() -> None:
    """8 ms at 60/s."""
    celery = figures(decided()).celery
    assert celery is not None
    cores = celery.cores(60.0)
    assert cores is not None
    assert 0.479 < cores.value < 0.484
    assert cores.interval is not None
    assert cores.interval[0] < cores.value < cores.interval[1]


def test_a_pool_with_more_slots_at_the_rate_was_alone_with_fewer() -> None:
    """Its figures alone are those of the same pool."""
    made = cells(5)
    made[3] = msgspec.structs.replace(made[3], slots=96)
    pool = msgspec.structs.replace(decided(made).run.decision.pools[0], contender="celery-threads:96")  # type: ignore[union-attr]
    celery = figures(decided(made, pools=[pool])).celery
    assert celery is not None
    assert (celery.label, celery.alone_ms is not None) == ("celery-threads:96", True)


def test_a_run_that_is_no_decision_has_none() -> None:
    """And of a side that was not measured at the rate, it is not known whether it holds it."""
    assert figures_of(results_of()) is None
    asyncio_alone = figures(decided(cells(5)[:3])).asyncio
    assert asyncio_alone is not None
    assert asyncio_alone.holds == "yes"
    celery = figures(decided([cells(5)[0], cells(5)[4]])).celery
    assert celery is not None
    assert (celery.label, celery.holds, celery.why_not) == (POOL, "undecided", "there was no time for it")

"""The figures of a decision, as its cells have them."""

import msgspec
import pytest

from harness.results.decision import ALONE
from harness.results.model import Cell, Results, Usages
from harness.schedule.decide_cells import taken_s
from harness.statistics.deciding.conditions import computing
from harness.statistics.deciding.figures import Figures, figures_of
from harness.statistics.deciding.needs import needs
from harness.statistics.metrics import CPU, P99_LATENCY
from tests.builders import results_of, usage_of
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


def test_commands_that_the_job_runs_are_no_part_of_the_event_loops_core() -> None:
    """A tenth of the driver's CPU was its own: computing is judged by that."""
    made = cells(5)
    usage = Usages(driver=usage_of(0.5, busiest_cpu_s=0.1))
    made[0] = msgspec.structs.replace(
        made[0], trials=[msgspec.structs.replace(trial, usage=usage) for trial in made[0].trials]
    )
    found = figures(decided(made))
    assert found.asyncio is not None
    assert found.asyncio.loop_share == pytest.approx(0.1)
    whole, own = computing(figures(decided(cells(5)))), computing(found)
    assert whole is not None
    assert own is not None
    assert own.share_now == pytest.approx(whole.share_now / 10)


def test_of_few_requests_alone_the_mean_is_shown() -> None:
    """They have no median, and slots follow from it all the same."""
    made = cells(5)
    alone = made[1]
    assert alone.summary is not None
    latency = msgspec.structs.replace(alone.summary.latency_ms, p50=None)
    trials = [msgspec.structs.replace(trial, latency_ms=latency) for trial in alone.trials]
    made[1] = msgspec.structs.replace(
        alone, trials=trials, summary=msgspec.structs.replace(alone.summary, latency_ms=latency)
    )
    base = figures(decided(made)).asyncio
    assert base is not None
    assert base.alone_ms is None
    assert base.alone_s == pytest.approx(latency.mean / 1000)


def test_slots_are_those_of_the_mean_time_never_of_the_median() -> None:
    """Little's law: 60/s of 119 ms on average keep 7.1 slots busy; the median, 20 ms, would propose two."""
    sides = [*side_of("asyncio", 20.0, 2.0, 26.0), *side_of("celery", 20.0, 8.0, 95.0)]
    found = figures_of(decided([_skewed(cell, 119.0) if cell.views == [ALONE] else cell for cell in sides]))
    assert found is not None
    assert found.celery is not None
    assert found.celery.alone_ms is not None
    assert found.celery.alone_ms.value == pytest.approx(20.0, rel=0.01)
    assert needs(found.celery, 60.0, 2.0).slots == 11
    (alone,) = (cell for cell in sides if cell.views == [ALONE] and cell.side == "celery")
    assert taken_s(_skewed(alone, 119.0)) == pytest.approx(0.119)


def _skewed(cell: Cell, mean_ms: float) -> Cell:
    """The same with a few requests that take long."""
    assert cell.summary is not None
    latency = msgspec.structs.replace(cell.summary.latency_ms, mean=mean_ms)
    return msgspec.structs.replace(cell, summary=msgspec.structs.replace(cell.summary, latency_ms=latency))

"""Several contenders against one of them: which to use follows from speed and CPU, and says what weighs on it."""

import pytest

from harness.statistics.resource_doubts import of_bottleneck
from tests.harness.report.first.test_first_screen import cell, costing, screen_of

P, T, G = "celery-prefork", "celery-threads", "celery-gevent"


def test_who_is_fastest_for_more_cpu_is_said_with_it() -> None:
    """Also of those that are as fast as each other."""
    twice = screen_of(costing(P, 1, 1.0), costing(T, 2, 10.0), costing(G, 0.5, 10.0)).certainty
    assert (
        twice.use
        == "celery-threads:16: the fastest of these; celery-threads:16 takes 10 times the CPU of celery-prefork:16"
    )
    equal = screen_of(costing(P, 1, 1.0), costing(T, 1, 10.0), costing(G, 0.5, 1.0)).certainty
    assert equal.use == "celery-prefork:16: as fast as celery-threads:16, and for less CPU"
    dearer = screen_of(costing(P, 1, 10.0), costing(T, 1, 1.0), costing(G, 0.5, 1.0)).certainty
    assert dearer.use == "celery-threads:16: as fast as celery-prefork:16, and for less CPU"


def test_what_weighs_on_equal_ones_makes_them_probable() -> None:
    """A doubt."""
    doubted = screen_of(costing(P, 1, 1.0), costing(T, 1, 1.0, doubts=of_bottleneck("machine")), costing(G, 0.5, 1.0))
    assert doubted.certainty.use.startswith("probably either of")


@pytest.mark.parametrize("rates", [[200.0], [200.0, 201.0]])
def test_nothing_stands_behind_a_name_of_which_nothing_is_known(rates: list[float]) -> None:
    """One round has no interval."""
    sure = screen_of(cell(P, rates), cell(T, [2 * rate for rate in rates]), cell(G, [100.0, 101.0][: len(rates)]))
    assert ": ;" not in sure.certainty.sure
    assert not sure.certainty.sure.endswith(": ")

"""Groups: which cells of a view are shown and compared together."""

from typing import Any

import pytest

from harness.loads.closed import Closed
from harness.loads.open import Open
from harness.results.model import Cell, Side
from harness.statistics.groups import compared_with, groups
from tests.builders import cell_of, view_of

FIVE = [100.0, 101.0, 99.0, 100.5, 99.5]


def four_cells() -> list[Cell]:
    """Two contenders with 2 and with 8 slots."""
    contenders: list[tuple[str, Side]] = [("asyncio", "asyncio"), ("celery-threads", "celery")]
    return [
        cell_of(contender, FIVE, side=side, slots=slots, id=f"{contender}:{slots}")
        for slots in (2, 8)
        for contender, side in contenders
    ]


def ids(found: Any) -> list[list[str]]:
    """The cells of each group."""
    return [[cell.id for cell in group] for group in found]


def test_matched_slots_group_by_their_number() -> None:
    """Eight slots are never shown as quicker than two."""
    found = ids(groups(four_cells(), view_of("slots")))
    assert found == [["asyncio:2", "celery-threads:2"], ["asyncio:8", "celery-threads:8"]]


@pytest.mark.parametrize("matched", ["resources", "none"])
def test_other_views_group_whatever_the_slots(matched: Any) -> None:
    """One process and one thread may have any number of slots."""
    assert ids(groups(four_cells(), view_of(matched))) == [
        ["asyncio:2", "celery-threads:2", "asyncio:8", "celery-threads:8"]
    ]


def test_groups_share_workload_parameters_load_and_view() -> None:
    """A cell that differs in one of them, or belongs to another view, is none of them."""
    base = cell_of(id="base")
    others = [
        cell_of(id="workload", workload="noop"),
        cell_of(id="params", params={"seconds": 0.1}),
        cell_of(id="load", load=Closed(64).describe()),
        cell_of(id="rate", load=Open(50.0).describe()),
        cell_of(id="arrivals", load=Open(50.0, "uniform").describe()),
    ]
    elsewhere = cell_of(id="elsewhere", views=["another"])
    same = cell_of("celery-threads", side="celery", id="same")
    found = ids(groups([base, *others, elsewhere, same], view_of("slots")))
    assert found == [["base", "same"], *([cell.id] for cell in others)]


def test_tuned_contenders_are_compared_with_both_bases_and_untuned_ones_with_theirs_alone() -> None:
    """A setting's effect and a side's are told apart."""
    base, other = cell_of(), cell_of("celery-threads", side="celery")
    tuned_base, tuned = cell_of(tuning=["uvloop"]), cell_of("celery-threads", side="celery", tuning=["batch"])
    group = [base, other, tuned_base, tuned]
    assert compared_with(base, group) == [other, tuned_base, tuned]
    assert compared_with(tuned_base, group) == [tuned]

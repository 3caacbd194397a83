"""What `--why` changes: one thing at a time, only what applies to the row, each with its base."""

from typing import Any

import pytest

from harness.errors import UsageError
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.making import make_plan
from harness.plan.plan import CellPlan, Plan
from harness.plan.why import check_why, interventions, rounds_of, why_views


def cell(contender: str, workload: str = "http_date", load: str = "closed:32", **changes: Any) -> CellPlan:
    """The one cell of such a command."""
    asked = Asked(workloads=[workload], contenders=[contender], loads=[load], **changes)
    (made,) = cells(make_plan(asked), "here")
    return made


def limits(made: CellPlan, **asked: Any) -> list[str]:
    """What it looks for."""
    return [change.limit for change in interventions(made, Asked(why=True, **asked))]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (
            cell("celery-prefork:16"),
            ["clients", "slots", "driver", "worker main process", "driver", "origin"],
        ),
        (cell("celery-solo"), ["clients", "driver", "driver", "origin"]),
        (cell("asyncio:16", "sleep"), ["clients", "slots", "driver", "driver (the process with the event loop)"]),
        (cell("asyncio", "sleep", "drain:50"), ["driver"]),
        (
            cell("asyncio:64", settings=["http_date.connections=20"]),
            ["clients", "connections", "slots", "driver", "driver (the process with the event loop)", "origin"],
        ),
        (cell("celery-threads:2", "noop", "burst:20"), ["slots", "driver", "worker main process"]),
    ],
)
def test_only_what_applies_to_a_row_is_changed(made: CellPlan, found: list[str]) -> None:
    """No slots of a worker that has one, no drivers for a backlog, no origin that is not called."""
    assert limits(made) == found


def test_what_was_started_outside_the_run_is_not_changed() -> None:
    """Neither workers of a cluster nor a given origin."""
    made = cell("celery-threads:4")
    assert "origin" not in limits(made, origin="http://127.0.0.1:8000")
    assert limits(made, workers="external", brokers=["redis://x"]) == ["clients"]


def test_a_change_is_a_view_of_two_cells_apart_from_the_plans() -> None:
    """The plan's own rows keep the rounds that they have; all changes share one base."""
    made = cell("celery-threads:16")
    views = why_views(made, Asked(why=True))
    bases = set()
    for view in views:
        members = cells(Plan(view=[view]), "here")
        assert len(members) == 2
        assert view.rung is not None
        assert view.rung.target == made.id
        bases.add(view.rung.base)
        assert sum(member.id in view.rung.base for member in members) == 1
        assert all(member.id != made.id for member in members)
    assert bases == {(f"why {made.id}",)}
    assert len({view.name for view in views}) == len(views)


def test_slots_grow_by_a_quarter_or_by_one() -> None:
    """Enough to be seen."""
    changed = [views[1].slots for views in (_slots_of("celery-threads:2"), _slots_of("celery-threads:16"))]
    assert changed == [3, 20]


def _slots_of(contender: str) -> list[CellPlan]:
    (view,) = (view for view in why_views(cell(contender), Asked()) if view.rung and view.rung.limit == "slots")
    return cells(Plan(view=[view]), "here")


def test_the_second_origin_stands_beside_the_runs_own() -> None:
    """With one process more."""
    (view,) = (view for view in why_views(cell("asyncio:4"), Asked(origin_processes=2)) if "origin" in view.name)
    assert [member.origin_processes for member in cells(Plan(view=[view]), "here")] == [None, 3]


def test_where_nothing_can_move_the_rate_it_is_refused() -> None:
    """A rate that arrives is given from outside; a search for a rate names its own limit."""
    asked = Asked(workloads=["sleep"], contenders=["asyncio:4"], loads=["open:5/s"], why=True)
    plan = make_plan(asked)
    with pytest.raises(UsageError, match="the rate of an open load is given"):
        check_why(asked, plan, cells(plan, "here"))
    searching = Asked(workloads=["sleep"], contenders=["asyncio:4"], find_rate="p99<1s", why=True)
    plan = make_plan(searching)
    with pytest.raises(UsageError, match="--why and --find-rate exclude each other"):
        check_why(searching, plan, cells(plan, "here"))
    assert check_why(Asked(), plan, []) == []


@pytest.mark.parametrize(("rounds", "found"), [(3, 5), (8, 8), ("auto", 5)])
def test_its_rounds_are_enough_for_a_verdict(rounds: int | str, found: int) -> None:
    """And as many as the plan's."""
    assert rounds_of(Plan(rounds=rounds, view=[])) == found

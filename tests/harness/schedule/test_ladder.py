"""Climbing a ladder: rounds of all rungs, then of what helped, together."""

import asyncio

import msgspec
import pytest

from harness.errors import ServiceError
from harness.plan.ladder import RungPlan
from harness.plan.plan import CellPlan, ViewPlan
from harness.results.model import Comparison, Trial
from harness.schedule.ladder import Climb
from harness.statistics.rungs import TOGETHER
from tests.builders import cell_of
from tests.harness.schedule.recorded import Recorded, plan_of
from tests.ladders import effect_of, ladder_of, ladder_results_of


class Growing(Recorded):
    """A session that takes a view on while it runs; every comparison says `faster`."""

    def __init__(self, plans: list[CellPlan], effects: list[Comparison]) -> None:
        super().__init__(plans)
        self.results = ladder_results_of(*effects)
        self.extended: list[list[ViewPlan]] = []
        self.refuses: ServiceError | None = None

    async def measure(self, identity: str, round_number: int) -> Trial:
        """The document's cells are counted."""
        trial = await super().measure(identity, round_number)
        self.results = msgspec.structs.replace(self.results, cells=list(self._cells.values()))
        return trial

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """A cell that was there, and a new one."""
        self.extended.append(views)
        if self.refuses is not None:
            raise self.refuses
        new = plan_of("new", rounds=5)
        self._plans = {**self._plans, "new": new}
        self._cells["new"] = msgspec.structs.replace(cell_of(), id="new", trials=[], status="pending")
        return [self._plans["base"], new]


def test_a_base_of_many_rungs_is_measured_more_often() -> None:
    """Three times a round at most; its mean is what they are compared with."""
    ladder = ladder_of(rounds=5)
    many = msgspec.structs.replace(plan_of("base", rounds=5), views=["a", "b", "c", "d"])
    two = msgspec.structs.replace(plan_of("two", rounds=5), views=["a", "b"])
    trials = Growing([many, two, plan_of("rung", rounds=5)], [])
    asyncio.run(Climb(ladder).run(trials))
    times = {name: [n for one, n in trials.measured if one == name].count(1) for name in ("base", "two", "rung")}
    assert times == {"base": 3, "two": 2, "rung": 1}
    assert len(trials.measured) == 5 * 6


@pytest.mark.parametrize(("names", "extended"), [(["batch", "unix-socket"], True), (["batch"], False), ([], False)])
def test_the_second_stage_has_rounds_of_its_own(names: list[str], extended: bool) -> None:
    """Only where two or more helped: the base goes on, so that rounds stay pairs."""
    ladder = ladder_of(RungPlan(setting="batch"), RungPlan(setting="unix-socket"))
    trials = Growing([plan_of("base", rounds=5)], [effect_of(name, "throughput_per_s", "faster") for name in names])
    asyncio.run(Climb(ladder).run(trials))
    rounds = {name: sorted(n for one, n in trials.measured if one == name) for name in ("base", "new")}
    if extended:
        assert [view.name for views in trials.extended for view in views] == [TOGETHER, TOGETHER]
        assert rounds == {"base": list(range(1, 11)), "new": list(range(6, 11))}
    else:
        assert rounds == {"base": [1, 2, 3, 4, 5], "new": []}
        assert trials.extended == []


def test_where_the_second_stage_cannot_begin_the_first_is_shown() -> None:
    """With why."""
    ladder = ladder_of(RungPlan(setting="batch"), RungPlan(setting="unix-socket"))
    effects = [effect_of(name, "throughput_per_s", "faster") for name in ("batch", "unix-socket")]
    trials = Growing([plan_of("base", rounds=5)], effects)
    trials.refuses = ServiceError("the worker did not start")
    asyncio.run(Climb(ladder).run(trials))
    assert "the worker did not start" in trials.said["ended"]

"""Ladders: rungs as views, what helped, and what is put together."""

import asyncio
from typing import Any

import msgspec
import pytest

from harness.errors import ServiceError
from harness.plan.cells import cells
from harness.plan.ladder import Ladder, RungPlan, load_ladder, plan_of, shipped, with_settings
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.results.model import Comparison, Trial
from harness.schedule.ladder import Climb, helped, together
from harness.statistics.rungs import TOGETHER
from tests.builders import cell_of, effect_of, ladder_results_of
from tests.harness.schedule.test_schedule import Recorded
from tests.harness.schedule.test_schedule import plan_of as cell_plan

BASE = "celery-prefork:2"


def ladder_of(*rungs: RungPlan, **changes: Any) -> Ladder:
    """A ladder of no-ops."""
    values: dict[str, Any] = {"name": "mine", "base": BASE, "workload": "noop", "loads": ["closed:16"], "rounds": 5}
    return Ladder(**(values | changes), rung=list(rungs))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_ladder_is_valid(name: str) -> None:
    """Two cells under each load of every rung, of which the first is the base as it is; no floor."""
    ladder = load_ladder(name)
    plan = plan_of(ladder, name)
    assert [view.name for view in plan.view] == [rung.name or rung.setting for rung in ladder.rung]
    assert len({view.name for view in plan.view}) == len(plan.view)
    for view in plan.view:
        assert view.rung is not None
        assert not view.floor
        assert len(cells(msgspec.structs.replace(plan, view=[view]), "the test")) == 2 * len(view.loads)
    assert any(not cell.tuning for cell in cells(plan, "the test"))


def test_a_setting_stands_behind_the_bases_own() -> None:
    """Before its slots."""
    assert with_settings("celery-prefork+2-workers:4", ["prefetch-1"]) == "celery-prefork+2-workers+prefetch-1:4"
    assert with_settings("asyncio", ["uvloop"]) == "asyncio+uvloop"


def test_a_rung_has_its_settings_words_unless_it_has_its_own() -> None:
    """What it is, what it gives up, and whether it can lose work."""
    plan = plan_of(
        ladder_of(RungPlan(setting="no-ack-emulation"), RungPlan(setting="msgpack", name="m", gives_up="g")), "mine"
    )
    first, second = plan.view
    assert first.rung is not None
    assert first.rung.unsafe
    assert "redelivery" in first.rung.gives_up
    assert second.rung is not None
    assert (second.rung.gives_up, second.rung.unsafe) == ("g", False)
    assert (second.name, second.contenders) == ("m", [BASE, "celery-prefork+msgpack:2"])


def test_what_helped_is_faster_and_safe() -> None:
    """Latency may be the price of a rate, a rate of latency not; what can lose work is never among it."""
    names = ("batch", "msgpack", "no-ack-emulation", "acks-late", "unix-socket")
    ladder = ladder_of(*(RungPlan(setting=name) for name in names), RungPlan(setting="gzip", workload="sleep"))
    effects = [
        effect_of("batch", "publish_per_s", "faster"),
        effect_of("batch", "latency_p50_ms", "slower"),
        effect_of("msgpack", "throughput_per_s", "no difference"),
        effect_of("no-ack-emulation", "throughput_per_s", "faster"),
        effect_of("acks-late", "latency_p50_ms", "faster"),
        effect_of("acks-late", "throughput_per_s", "slower"),
        effect_of("unix-socket", "latency_p50_ms", "faster"),
        effect_of("gzip", "throughput_per_s", "faster"),
    ]
    chosen = helped(ladder, ladder_results_of(*effects, unsafe=("no-ack-emulation",)))
    assert [rung.setting for rung in chosen] == ["batch", "unix-socket"]


def test_of_what_excludes_each_other_the_best_is_taken() -> None:
    """Settings that do, and two values of one parameter; a latency that falls is a gain as a rate that rises."""
    ladder = ladder_of(
        RungPlan(setting="prefetch-1"),
        RungPlan(setting="prefetch-64"),
        RungPlan(name="small", set={"payload_bytes": [9, 1]}),
        RungPlan(name="none", set={"payload_bytes": [9, 0]}),
    )
    effects = [
        effect_of("prefetch-1", "throughput_per_s", "faster", 1.2),
        effect_of("prefetch-64", "throughput_per_s", "faster", 1.3),
        effect_of("small", "latency_p50_ms", "faster", 0.5),
        effect_of("none", "throughput_per_s", "faster", 1.5),
    ]
    chosen = helped(ladder, ladder_results_of(*effects))
    assert [rung.name or rung.setting for rung in chosen] == ["prefetch-64", "small"]


def test_all_that_helped_has_every_load_of_theirs() -> None:
    """And the ladder's own; the base beside it."""
    ladder = ladder_of(
        RungPlan(setting="batch", loads=["drain:100"]), RungPlan(setting="events"), set={"payload_bytes": 9}
    )
    base, changed = together(ladder, ladder.rung)
    assert (base.name, changed.name) == (TOGETHER, TOGETHER)
    assert (base.contenders, changed.contenders) == ([BASE], ["celery-prefork+batch+events:2"])
    for view in (base, changed):
        assert (view.loads, view.set, view.floor) == (["closed:16", "drain:100"], {"noop": {"payload_bytes": 9}}, False)
    assert base.rung is not None
    assert base.rung.base == tuple(f"noop[payload_bytes=9]/{BASE}/{load}" for load in base.loads)


def test_parameters_and_processes_are_put_together_with_settings() -> None:
    """Under the loads that so many processes can share."""
    ladder = ladder_of(
        RungPlan(setting="uvloop"),
        RungPlan(name="form", set={"how": ["semaphore", "gather"]}),
        RungPlan(name="two processes", drivers=[1, 2]),
        base="asyncio:64",
        workload="http_fanout",
        set={"latency_ms": 1},
        loads=["closed:4", "closed:1"],
    )
    base, changed = together(ladder, ladder.rung)
    assert (base.contenders, base.drivers, base.set) == (["asyncio:64"], [], {"http_fanout": {"latency_ms": 1}})
    assert (changed.contenders, changed.drivers) == (["asyncio+uvloop:64"], [2])
    assert changed.set == {"http_fanout": {"latency_ms": 1, "how": "gather"}}
    assert base.loads == changed.loads == ["closed:4"]
    assert len(cells(Plan(view=[base, changed]), "the test")) == 2


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_first_of_each_pair_is_the_base(name: str) -> None:
    """Also where another rung has its cells in another order: what is changed is compared with what was."""
    ladder = load_ladder(name)
    plan = plan_of(ladder, name)
    every = cells(plan, name)
    for rung, view in zip(ladder.rung, plan.view, strict=True):
        assert view.rung is not None
        mine = [cell for cell in every if view.name in cell.views]
        bases = [cell for cell in mine if cell.id in view.rung.base]
        assert sorted(cell.load for cell in bases) == sorted(cell.load for cell in mine if cell not in bases)
        listed = {key: values[0] for key, values in rung.set.items() if isinstance(values, list)}
        for cell in bases:
            assert str(cell.spec) == view.contenders[0]
            assert cell.params.items() >= listed.items()
            assert cell.drivers == (rung.drivers or [1])[0]


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
        new = cell_plan("new", rounds=5)
        self._plans = {**self._plans, "new": new}
        self._cells["new"] = msgspec.structs.replace(cell_of(), id="new", trials=[], status="pending")
        return [self._plans["base"], new]


def test_a_base_of_many_rungs_is_measured_more_often() -> None:
    """Three times a round at most; its mean is what they are compared with."""
    ladder = ladder_of(rounds=5)
    many = msgspec.structs.replace(cell_plan("base", rounds=5), views=["a", "b", "c", "d"])
    two = msgspec.structs.replace(cell_plan("two", rounds=5), views=["a", "b"])
    trials = Growing([many, two, cell_plan("rung", rounds=5)], [])
    asyncio.run(Climb(ladder).run(trials))
    times = {name: [n for one, n in trials.measured if one == name].count(1) for name in ("base", "two", "rung")}
    assert times == {"base": 3, "two": 2, "rung": 1}
    assert len(trials.measured) == 5 * 6


@pytest.mark.parametrize(("names", "extended"), [(["batch", "unix-socket"], True), (["batch"], False), ([], False)])
def test_the_second_stage_has_rounds_of_its_own(names: list[str], extended: bool) -> None:
    """Only where two or more helped: the base goes on, so that rounds stay pairs."""
    ladder = ladder_of(RungPlan(setting="batch"), RungPlan(setting="unix-socket"))
    trials = Growing([cell_plan("base", rounds=5)], [effect_of(name, "throughput_per_s", "faster") for name in names])
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
    trials = Growing([cell_plan("base", rounds=5)], effects)
    trials.refuses = ServiceError("the worker did not start")
    asyncio.run(Climb(ladder).run(trials))
    assert "the worker did not start" in trials.said["ended"]

"""Lanes: trials with a fault run beside each other, each lane with services of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from harness.errors import ServiceError
from harness.plan.plan import CellPlan, Plan
from harness.results.model import BrokerDescription
from harness.schedule.schedule import FixedRounds, Trials, UntilPrecise
from harness.session import lanes
from harness.session.cells import RunCells
from harness.session.document import Document
from harness.session.lanes import LanedTrials, lanes_of, spread_over_lanes
from tests.builders import cell_of, results_of
from tests.harness.session.doubles import Reported, options_of, plan_of, setup_of

ENDLESS = 600
"""Rounds that are worth a lane, whatever the fault."""


def struck(identity: str, slots: int = 4, fault: str = "kill-worker", rounds: int = ENDLESS) -> CellPlan:
    """A cell with a fault; those with the same slots share their workers."""
    return plan_of(identity, slots=slots, load=f"crash:{fault}@4:burst:4", rounds=rounds)


def test_cells_that_share_workers_share_a_lane() -> None:
    """Whatever else would be even."""
    plans = [plan_of("quiet"), *(struck(f"{slots} {fault}", slots, fault) for slots in (1, 2) for fault in FAULTS)]
    assert lanes_of(plans, most=8) == [[f"{slots} {fault}" for fault in FAULTS] for slots in (1, 2)]


FAULTS = ("kill-worker", "warm-shutdown")


def test_lanes_take_about_as_long_as_each_other() -> None:
    """The longest go first; a broker that is killed is back after seconds."""
    plans = [struck("broker", 1, "kill-broker"), *(struck(f"app {slots}", slots, "kill-app") for slots in (2, 3, 4))]
    assert lanes_of(plans, most=2) == [["broker"], ["app 2", "app 3", "app 4"]]


@pytest.mark.parametrize(("rounds", "most", "number"), [(1, 4, 1), (ENDLESS, 1, 1), (ENDLESS, 3, 3), (ENDLESS, 9, 4)])
def test_a_lane_is_opened_where_it_is_worth_its_services(rounds: int, most: int, number: int) -> None:
    """And no more than are allowed, or than there are workers."""
    assert len(lanes_of([struck(f"{slots}", slots, rounds=rounds) for slots in range(1, 5)], most)) == number


@pytest.mark.parametrize(
    ("schedule", "changes", "number"),
    [
        (FixedRounds(), {}, 2),
        (UntilPrecise(), {}, 1),
        (FixedRounds(), {"at_most": 9}, 1),
        (FixedRounds(), {"external": True}, 1),
    ],
)
def test_there_is_one_lane_where_trials_depend_on_each_other(schedule: Any, changes: Any, number: int) -> None:
    """A bound on calls holds for all together, and external workers are nobody's to strike."""
    cells = RunCells([struck("a", 1), struck("b", 2)])
    spread_over_lanes(cells, options_of(**changes), schedule)
    assert cells.lanes == number


def test_a_lane_needs_the_drivers_of_its_own_cells_alone() -> None:
    """One without a side has no fork server for it."""
    cells = RunCells([plan_of("app", contender="asyncio"), plan_of("worker", contender="celery-solo")])
    cells.spread([["worker"]])
    for number, side in enumerate(("asyncio", "celery")):
        lane = cells.in_lane(number)
        assert lane.modules().keys() == lane.drivers().keys() == {side}


RABBITMQ = BrokerDescription(url="amqp://127.0.0.1:5672//", server="rabbitmq", version="4.0", own=True)


class Booting:
    """Services that note that they are up, and that they are down; their broker is a RabbitMQ."""

    def __init__(self, did: list[str], name: str) -> None:
        brokers = SimpleNamespace(described=lambda: [RABBITMQ])
        self.services = SimpleNamespace(brokers=brokers)
        self._did, self._name = did, name

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Up, and in any case down."""
        self._did.append(f"{self._name} up")
        try:
            yield
        finally:
            self._did.append(f"{self._name} down")


class Laned:
    """A run of two lanes: `here` in the first one, `beside` in the other."""

    def __init__(self, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.did: list[str] = []
        self.folders: list[str] = []
        self.logs: list[str] = []
        cells = RunCells([struck("here", 1), struck("beside", 2), plan_of("quiet")])
        cells.spread([["beside"]])
        setup = setup_of(cells, options_of(), Reported(), Plan(view=[]))

        def booting(of: Any, folder: Path) -> Any:
            self.folders.append(folder.name)
            self.logs.append(of.log("origin").name)
            return Booting(self.did, f"lane {of.lane}")

        monkeypatch.setattr(lanes, "boots_of", booting)
        monkeypatch.setattr(lanes, "pending_cell", lambda plan, *_: self.cell(plan.id, "described"))
        self.document = Document(results_of([self.cell(name) for name in cells.plans]), lambda _: None)
        main: Any = Booting(self.did, "main")
        self.trials = LanedTrials(setup, main, self.document, scratch)

    def cell(self, identity: str, contender: str = "pending") -> Any:
        """Without trials."""
        return msgspec.structs.replace(cell_of(trials=[]), id=identity, contender=contender)


def test_each_lane_measures_its_own_cells_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On services of its own, which say what they are; those without a fault are in none."""
    laned = Laned(tmp_path, monkeypatch)
    meeting: dict[str, asyncio.Event] = {}

    async def rounds(trials: Trials, plans: list[CellPlan]) -> None:
        meeting.setdefault(plans[0].id, asyncio.Event()).set()
        while len(meeting) < 2:
            await asyncio.sleep(0)
        laned.did.append(", ".join(plan.id for plan in plans))

    asyncio.run(laned.trials.in_lanes(rounds))
    assert sorted(laned.did) == ["beside", "here", "lane 1 down", "lane 1 up"]
    assert (laned.folders, laned.logs) == (["lane-1"], ["origin-lane-2.log"])
    assert [cell.contender for cell in laned.document.results.cells] == ["pending", "described", "pending"]
    assert laned.document.results.environment.brokers[-1] == RABBITMQ


def test_a_lane_that_cannot_go_on_ends_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their services are stopped."""
    laned = Laned(tmp_path, monkeypatch)

    async def rounds(trials: Trials, plans: list[CellPlan]) -> None:
        if plans[0].id == "here":
            await asyncio.sleep(0.01)
            raise ServiceError("no workers")
        await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(laned.trials.in_lanes(rounds))
    assert [str(error) for error in raised.value.exceptions] == ["no workers"]
    assert laned.did == ["lane 1 up", "lane 1 down"]

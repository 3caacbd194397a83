"""Where the drivers of a run come from."""

import asyncio
from pathlib import Path

import pytest

from harness.contenders.celery.answers import Held
from harness.driver.fork_server import ForkServer
from harness.driver.remote.fork_server import RemoteForkServer
from harness.driver.remote.waiting import WaitingDriver
from harness.errors import ServiceError
from harness.machine.usage import boot_id
from harness.plan.plan import CellPlan
from harness.session import drivers
from harness.session.cells import RunCells
from harness.session.drivers import RunDrivers
from tests.harness.session.doubles import BrokerDouble, plan_of


def waiting(name: str, machine: str = "another") -> WaitingDriver:
    """A driver that waits on the broker."""
    return WaitingDriver(
        name=name, host="h", cpus=2, boot_id=machine, held=Held(run="", holder="", busy=0, instance=name)
    )


def drivers_of(*plans: CellPlan) -> RunDrivers:
    """Drivers for these cells; no process is started."""
    return RunDrivers(RunCells(plans), lambda name: Path(f"{name}.log"))


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> list[WaitingDriver]:
    """Those that wait; a test puts them in."""
    there: list[WaitingDriver] = []

    async def answer(broker: object) -> list[WaitingDriver]:
        return list(there)

    monkeypatch.setattr(drivers, "waiting_drivers", answer)
    return there


def test_each_side_has_fork_servers_of_its_own_as_many_as_its_cells_have_drivers() -> None:
    """A trial takes the first ones."""
    run = drivers_of(plan_of("a"), plan_of("b", contender="asyncio", drivers=3))
    assert len(run.make({})) == len(run.fork_servers()) == 4
    assert len(run.take("asyncio", 3)) == 3
    assert list(run.take("asyncio", 1)) == list(run.take("asyncio", 3)[:1])
    assert len(run.take("fake", 1)) == 1
    assert all(isinstance(server, ForkServer) for server in run.fork_servers())


def test_several_drivers_are_those_that_wait_where_there_are_any(joined: list[WaitingDriver]) -> None:
    """A cell with one driver has it here, so that a side still has a fork server."""
    joined += [waiting("x"), waiting("y")]
    run = drivers_of(plan_of("a", drivers=2), plan_of("b"))
    asyncio.run(run.find(BrokerDouble(), 2))
    assert len(run.make({})) == 1
    assert [type(source) for source in run.take("fake", 2)] == [RemoteForkServer, RemoteForkServer]
    assert [type(source) for source in run.take("fake", 1)] == [ForkServer]


def test_a_driver_that_answers_late_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine one may miss the first question; the run must neither fail nor go on without it."""
    answers = iter([[waiting("x")], [waiting("x"), waiting("y")]])

    async def answer(broker: object) -> list[WaitingDriver]:
        return next(answers)

    monkeypatch.setattr(drivers, "waiting_drivers", answer)
    run = drivers_of(plan_of("a", drivers=2))
    asyncio.run(run.find(BrokerDouble(), 2))
    run.make({})
    assert [type(source) for source in run.take("fake", 2)] == [RemoteForkServer, RemoteForkServer]


def test_where_none_waits_the_run_starts_its_own(joined: list[WaitingDriver]) -> None:
    """On this machine."""
    run = drivers_of(plan_of("a", drivers=2))
    asyncio.run(run.find(BrokerDouble(), 2))
    assert len(run.make({})) == 2
    assert [type(source) for source in run.take("fake", 2)] == [ForkServer, ForkServer]


def test_fewer_than_were_asked_for_are_an_error_that_says_how_to_start_more(joined: list[WaitingDriver]) -> None:
    """Not a run with less load than asked for."""
    joined.append(waiting("x"))
    with pytest.raises(ServiceError, match=r"only 1 wait on the broker \(x\).*workbench driver --broker URL"):
        asyncio.run(drivers_of(plan_of("a", drivers=2)).find(BrokerDouble(), 2))


@pytest.mark.parametrize(
    ("machines", "asked", "here"),
    [
        (["ours", "ours"], 2, True),
        (["ours", "another"], 2, False),
        (["ours", "ours", "another"], 2, True),
        (["ours", "ours"], 1, False),
        ([], 2, False),
    ],
)
def test_drivers_that_joined_on_this_machine_are_told_from_those_elsewhere(
    joined: list[WaitingDriver], machines: list[str], asked: int, here: bool
) -> None:
    """Their CPU time is not that of others who use it: of those that a trial takes."""
    joined += [
        waiting(f"d{number}", boot_id() if machine == "ours" else machine) for number, machine in enumerate(machines)
    ]
    run = drivers_of(plan_of("a", drivers=2))
    asyncio.run(run.find(BrokerDouble(), 2))
    assert run.joined_here(asked) is here


class Leases:
    """Leases that are always given."""

    def __init__(self) -> None:
        self.left: set[str] = set()
        self.gone: dict[str, str] = {}
        self.restarted: dict[str, str] = {}
        """Seen by the next renewal."""

    async def renew(self) -> None:
        """Who was started again is lost."""
        self.gone = self.gone | self.restarted

    def lost(self) -> dict[str, str]:
        """As given."""
        return self.gone

    def is_ours(self, driver: WaitingDriver) -> bool:
        """All that are not another run's."""
        return driver.holder == ""

    async def take(self, drivers: list[WaitingDriver]) -> None:
        """They are this run's."""

    async def leave(self, names: set[str]) -> None:
        """Keep who was left."""
        self.left |= names


async def test_a_driver_that_is_lost_is_replaced_by_one_that_waits(
    joined: list[WaitingDriver], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the next trial on; where none waits, trials of so many drivers fail, and one that comes later is taken."""

    async def usable(broker: object) -> list[WaitingDriver]:
        return list(joined)

    monkeypatch.setattr(drivers, "usable_drivers", usable)
    joined += [waiting("x"), waiting("y")]
    run, leases = drivers_of(plan_of("a", drivers=2), plan_of("b")), Leases()
    await run.find(BrokerDouble(), 2)
    run.make({})
    monkeypatch.setattr(run, "_leasing", leases)
    joined[:] = [waiting("x"), waiting("z")]
    assert await run.ensure(2) is None
    assert names_of(run) == ["x", "y"]  # nothing has failed yet
    run.doubt()
    assert await run.ensure(2) is None
    assert (names_of(run), leases.left) == (["x", "z"], {"y"})
    joined[:] = [waiting("x")]
    leases.gone = {"z": "stopped responding"}
    assert await run.ensure(2) == "1 of 2 drivers wait on the broker; gone: z. Start others: workbench driver"
    assert await run.ensure(1) is None
    leases.gone = {}
    joined[:] = [waiting("x"), waiting("w")]
    assert await run.ensure(2) is None
    assert names_of(run) == ["x", "w"]
    leases.restarted = {"x": "ended and started again"}
    joined[:] = [waiting("w"), waiting("v")]
    assert await run.ensure(2) is None  # before it is sent a trial that it would not take
    assert names_of(run) == ["w", "v"]


def names_of(run: RunDrivers) -> list[str]:
    """Whose drivers a trial of two would have."""
    return [source.who.name for source in run.take("fake", 2) if isinstance(source, RemoteForkServer)]

"""The kill matrix in memory: whoever is killed, and when, the run after it has the whole fleet, and nothing else has.

Leases, roster and renewals are the real ones; `make kill-matrix` kills processes, on a real broker.
"""

import contextlib
from pathlib import Path

import msgspec
import pytest

from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.fleet.lease import LEASE_S
from harness.errors import ServiceError
from harness.services.terms import Terms
from harness.session.cells import RunCells
from harness.session.drivers import RunDrivers
from tests.harness.contenders.celery.fleet.doubles import OTHERS, PLACE, TERMS, Bus, answer
from tests.harness.session.doubles import BrokerDouble, plan_of

DRIVER = {key: value for key, value in answer().items() if key not in ("effective", "backend")}
WORKERS, DRIVERS = {"a@1": answer(4), "b@2": answer(2)}, {"d@1": DRIVER, "d@2": DRIVER}
STRUCK = {"worker": "b@2", "driver": "d@2"}


class Run:
    """One that leases all who wait."""

    def __init__(self, terms: Terms) -> None:
        self.queue = f"{terms.run}:q"
        self.workers = ExternalWorkers("prefork", msgspec.structs.replace(PLACE, queue=self.queue), terms)
        self.drivers = RunDrivers(RunCells([plan_of("a", drivers=2)]), lambda name: Path(name), terms)

    async def begin(self) -> None:
        """Find and lease them."""
        await self.workers.start()
        await self.drivers.find(BrokerDouble(own=False), 2)

    async def end(self, *, killed: bool = False) -> None:
        """Give them back; one that was killed only falls silent."""
        if not killed:
            await self.workers.stop(1)
            await self.drivers.stop(1)
            return
        for leasing in (self.workers._leasing, self.drivers._leasing):
            assert leasing is not None
            await leasing.end(leave=False)
        if self.workers._watching is not None:
            self.workers._watching.cancel()


async def struck(bus: Bus, killed: str, run: Run, *, in_trial: bool) -> None:
    """Kill it, and start it again, as whoever keeps a fleet running does."""
    if killed == "session":
        await run.end(killed=True)
        bus.now_s += LEASE_S
        return
    bus.has_gone = killed == "broker"
    if killed in STRUCK:
        bus.go(STRUCK[killed])
    if in_trial:
        with contextlib.suppress(ServiceError):
            await run.workers.executed(1)
        for _ in range(3):
            await run.workers._leasing.renew()
        lost = run.workers.dead()
        assert (lost is not None) == (killed == "worker"), "what is named is what was killed"
    bus.has_gone = False
    if killed in STRUCK:
        bus.come(STRUCK[killed], {**WORKERS, **DRIVERS}[STRUCK[killed]])
    else:
        bus.now_s += LEASE_S  # as long as a broker takes to be started again
    await run.end()


@pytest.mark.parametrize("in_trial", [False, True], ids=["before a trial", "in one"])
@pytest.mark.parametrize("killed", ["session", "worker", "driver", "broker"])
async def test_the_run_after_it_has_all_that_wait(killed: str, in_trial: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """All slots and drivers are leased by it, for its queue alone; who was killed has no part in them any more."""
    bus = Bus({**WORKERS, **DRIVERS}).on(monkeypatch)
    first, after = Run(TERMS), Run(OTHERS)
    await first.begin()
    if in_trial:
        await first.workers.executed(1)
    await struck(bus, killed, first, in_trial=in_trial)
    await after.begin()
    described, effective = after.workers.described()
    assert ([worker.name for worker in described], effective["slots"]) == (["a@1", "b@2"], 6)
    assert {lease.run for lease in bus.leases.values()} == {OTHERS.run}
    assert {name for name, lease in bus.leases.items() if lease.is_for(after.queue)} == set(WORKERS)
    assert not any(lease.is_for(first.queue) for lease in bus.leases.values())
    await after.workers._leasing.renew()
    assert after.workers.dead() is None
    await after.end()
    assert {lease.run for lease in bus.leases.values()} == {""}

"""Where the drivers of a run come from: its own fork servers, or machines that wait on the broker."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.contenders.celery.fleet.leasing import TRY_AGAIN_S, Leasing, is_held
from harness.driver.fork_server import ForkServer
from harness.driver.remote.fork_server import RemoteForkServer
from harness.driver.remote.switchboard import Switchboard, mailbox_of
from harness.driver.remote.waiting import WaitingDriver, place_of, usable_drivers, waiting_drivers
from harness.errors import ServiceError
from harness.machine.usage import boot_id, kernel_of
from harness.results.model import Side
from harness.services.brokers.broker import BrokerService
from harness.services.calls import ask
from harness.services.terms import Terms
from harness.session.cells import RunCells

TIMES_ASKED = 6
"""Each time, their answers are awaited for a second."""


class RunDrivers:
    """Of each side as many as its cells need; a trial takes the first ones."""

    def __init__(self, cells: RunCells, log: Callable[[str], Path], terms: Terms | None = None) -> None:
        """`terms`: on which drivers that wait are leased; None where the run uses none."""
        self._cells = cells
        self._terms = terms
        self._leasing: Leasing | None = None
        self._log = log
        self._fork_servers: dict[str, list[ForkServer]] = {}
        self._joined: list[WaitingDriver] = []
        self._meeting: BrokerService | None = None
        self._switchboard: Switchboard | None = None
        self._asked = 0
        self._is_in_doubt = False

    async def find(self, meeting: BrokerService, asked: int) -> None:
        """Find the drivers that wait on that broker; none is fine, raises ServiceError for too few.

        They are asked several times until there are as many as `asked`: one on a busy machine may answer late.
        """
        self._meeting, self._asked = meeting, asked
        for _ in range(TIMES_ASKED):
            self._joined = await waiting_drivers(meeting)
            if len(self._joined) >= asked:
                await self._lease(meeting, asked)
                return
        if self._joined:
            names = ", ".join(driver.name for driver in self._joined)
            raise ServiceError(
                f"--drivers {asked}: only {len(self._joined)} wait on the broker ({names}). "
                "Start more, on any machine: workbench driver --broker URL"
            )

    async def _lease(self, meeting: BrokerService, asked: int) -> None:
        """Lease as many as were asked for; raises ServiceError if other runs have them, and do not give them back."""
        terms = self._terms
        if terms is None:
            return
        now = asyncio.get_running_loop().time
        leasing, until_s = Leasing(place_of(meeting), terms, "driver"), now() + terms.wait_s
        while True:
            free = sorted(self._joined, key=lambda driver: not leasing.is_ours(driver))[:asked]
            if (taken := await leasing.take(free)) is None:
                break
            if leasing.was_free(taken, free):  # another run was faster, and there may be others
                self._joined = await waiting_drivers(meeting) or self._joined
                continue
            if now() + TRY_AGAIN_S > until_s:
                raise is_held("driver", taken)
            terms.note(f"waiting for {taken.name}, which {taken.holder} has leased")
            await asyncio.sleep(TRY_AGAIN_S)
            self._joined = await waiting_drivers(meeting) or self._joined
        self._joined, self._leasing = free, leasing
        await ask(meeting.peer, meeting.note, [mailbox_of(terms.run)])
        await leasing.until_idle()

    def doubt(self) -> None:
        """A trial has failed: look before the next one who is still there."""
        self._is_in_doubt = True

    async def ensure(self, drivers: int) -> str | None:
        """Before a trial of so many: go on without drivers that are lost, and with others that wait.

        Returns why the trial has not enough of them.
        """
        leasing, meeting = self._leasing, self._meeting
        if drivers < 2 or leasing is None or meeting is None:
            return None
        await leasing.renew()  # one that was started again since takes no trial
        if not (self._is_in_doubt or leasing.lost()):
            return None
        known = {driver.name for driver in self._joined}
        there = [driver for driver in await usable_drivers(meeting) if leasing.is_ours(driver)]
        chosen = sorted(there, key=lambda driver: driver.name not in known)[: self._asked]
        await leasing.leave(known - {driver.name for driver in chosen})
        if chosen and await leasing.take(chosen) is None:
            self._joined = chosen
        self._is_in_doubt = len(chosen) < self._asked
        if len(chosen) >= drivers:
            return None
        gone = ", ".join(sorted(known - {driver.name for driver in chosen})) or "none"
        return f"{len(chosen)} of {drivers} drivers wait on the broker; gone: {gone}. Start others: workbench driver"

    async def stop(self, grace_s: float) -> None:
        """Give drivers that were leased back."""
        if self._leasing is not None:
            await self._leasing.end(leave=True)
        if self._switchboard is not None:
            await self._switchboard.close()

    def make(self, env: dict[str, str]) -> list[ForkServer]:
        """Fork servers, not yet started; one a side where drivers joined the run. `env`: what the work finds there."""
        most = self._cells.drivers()
        self._fork_servers = {}
        for side, modules in self._cells.modules().items():
            log = self._log(f"drivers-{side}")
            number = 1 if self._joined else most[side]
            self._fork_servers[side] = [ForkServer(modules, log, env) for _ in range(number)]
        return self.fork_servers()

    def fork_servers(self) -> list[ForkServer]:
        """All that run on this machine."""
        return [server for servers in self._fork_servers.values() for server in servers]

    def take(self, side: Side, drivers: int) -> Sequence[ForkServer | RemoteForkServer]:
        """What the drivers of a trial are forked from: machines that joined, where it has several drivers."""
        if drivers > 1 and self._joined and self._meeting is not None:
            preload = self._cells.preloads()[side]
            run = self._terms.run if self._terms is not None else ""
            board = self._board(self._meeting, run)
            return [RemoteForkServer(driver, board, preload, run) for driver in self._joined[:drivers]]
        return self._fork_servers[side][:drivers]

    def _board(self, meeting: BrokerService, run: str) -> Switchboard:
        """That of the run; another one once its broker had gone."""
        if self._switchboard is None or self._switchboard.is_over:
            self._switchboard = Switchboard(meeting.place, run)
        return self._switchboard

    def joined_here(self, drivers: int) -> bool:
        """Whether a trial's drivers run on this machine, but not as children of this process."""
        machines = {kernel_of(driver.boot_id) for driver in self._joined[:drivers]}
        return drivers > 1 and machines == {kernel_of(boot_id())}

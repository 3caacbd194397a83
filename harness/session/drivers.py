"""Where the drivers of a run come from: its own fork servers, or machines that wait on the broker."""

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.driver.fork_server import ForkServer
from harness.driver.remote.fork_server import RemoteForkServer
from harness.driver.remote.waiting import WaitingDriver, waiting_drivers
from harness.errors import ServiceError
from harness.machine.usage import boot_id, kernel_of
from harness.results.model import Side
from harness.services.brokers.broker import BrokerService
from harness.session.cells import RunCells

TIMES_ASKED = 3
"""Each time, their answers are awaited for 2 s."""


class RunDrivers:
    """Of each side as many as its cells need; a trial takes the first ones."""

    def __init__(self, cells: RunCells, log: Callable[[str], Path]) -> None:
        self._cells = cells
        self._log = log
        self._fork_servers: dict[str, list[ForkServer]] = {}
        self._joined: list[WaitingDriver] = []
        self._meeting: BrokerService | None = None

    async def find(self, meeting: BrokerService, asked: int) -> None:
        """Find the drivers that wait on that broker; none is fine, raises ServiceError for too few.

        They are asked several times until there are as many as `asked`: one on a busy machine may answer late.
        """
        self._meeting = meeting
        for _ in range(TIMES_ASKED):
            self._joined = await waiting_drivers(meeting)
            if len(self._joined) >= asked:
                return
        if self._joined:
            names = ", ".join(driver.name for driver in self._joined)
            raise ServiceError(
                f"--drivers {asked}: only {len(self._joined)} wait on the broker ({names}). "
                "Start more, on any machine: workbench driver --broker URL"
            )

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
            return [RemoteForkServer(driver, self._meeting, preload) for driver in self._joined[:drivers]]
        return self._fork_servers[side][:drivers]

    def joined_here(self, drivers: int) -> bool:
        """Whether a trial's drivers run on this machine, but not as children of this process."""
        machines = {kernel_of(driver.boot_id) for driver in self._joined[:drivers]}
        return drivers > 1 and machines == {kernel_of(boot_id())}

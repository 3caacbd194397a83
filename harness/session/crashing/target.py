"""The processes of a trial that a fault strikes, and the supervisor that starts them again."""

import asyncio
import contextlib
import os
import signal
from typing import Protocol

import msgspec
import psutil

from harness.contenders.settings.time_scale import scale_of
from harness.driver.messages import Message, Recording, TrialSpec
from harness.errors import ServiceError
from harness.machine.deadline import in_time
from harness.recording.ledger import Ledger
from harness.services.servers.own import OwnServer
from harness.session.crashing.executions import executing
from harness.session.driver_spec import TrialWork, spec_of
from harness.session.roles import Roles

ENDING_S = 15.0
"""How long what was told to end may take beyond the time of a job; a supervisor kills it then."""
OPENS_S = 20.0
"""How long an application that is started again may take to open, before what it does then is waited for."""
BUSY_S = 5.0
"""How long a child may take to begin what was accepted."""
LOOK_S = 0.02


class Process(Protocol):
    """A driver on this machine."""

    async def receive(self) -> Message | None:
        """Its next message; None when it has ended."""
        ...

    def signal(self, number: int) -> None:
        """Send it a signal; harmless when it has ended."""
        ...

    def kill(self) -> None:
        """End it at once; harmless when it has ended."""
        ...

    async def ended(self) -> str | None:
        """Wait until it has ended; None if that was in order, else how it ended."""
        ...


class Source(Protocol):
    """Creates drivers on this machine."""

    async def fork(self, spec: TrialSpec) -> Process:
        """A fresh driver that does what `spec` says; raises ServiceError if it does not answer."""
        ...


class Application:
    """The process that accepts requests: one after the other, each going on where the last one died."""

    def __init__(self, source: Source, work: TrialWork, ledger: Ledger, job_s: float = 0.0) -> None:
        """`job_s`: what a job takes."""
        self._source = source
        self._work = work
        self._ledger = ledger
        self._job_s = job_s
        self._driver: Process | None = None
        self._listening: asyncio.Task[Recording | None] | None = None
        self._is_open = asyncio.Event()
        self.failed: str | None = None
        """Why it could not accept anything, if so."""

    async def start(self, issued_before: int = 0) -> None:
        """Fork one; raises ServiceError."""
        self._is_open = asyncio.Event()
        self._driver = await self._source.fork(self._spec(issued_before))
        self._listening = asyncio.create_task(self._listen(self._driver, self._is_open))

    def _spec(self, issued_before: int) -> TrialSpec:
        return msgspec.structs.replace(spec_of(self._work, 0), issued_before=issued_before, sampled=False)

    async def _listen(self, driver: Process, is_open: asyncio.Event) -> Recording | None:
        """Take what it says, first of all that its load begins; what matters is in the ledger."""
        try:
            while (message := await driver.receive()) is not None:
                is_open.set()
                if isinstance(message, Recording):
                    if message.status != "measured" and not message.issued:
                        self.failed = message.error
                    return message
            return None
        finally:
            is_open.set()

    def signal(self, number: int) -> None:
        """Send it a signal; raises ServiceError if there is none."""
        if self._driver is None:
            raise ServiceError("the application is not running")
        self._driver.signal(number)

    async def again(self) -> None:
        """Once it has ended, start another, which issues what the ledger does not have; wait until that is open.

        Before, nothing of what an earlier one has left is done: quiet means nothing.
        """
        if self._driver is None or self._listening is None:
            raise ServiceError("the application is not running")
        with contextlib.suppress(TimeoutError):  # `end` ends it then
            await in_time(ENDING_S + self._job_s, asyncio.shield(self._listening))
        await self.end()
        issued = [entry.number for entry in self._ledger.entries(self._work.trial_id)]
        await self.start(max(issued, default=-1) + 1)
        with contextlib.suppress(TimeoutError):  # what it has not begun by then is lost
            await in_time(OPENS_S, self._is_open.wait())

    async def end(self) -> None:
        """Kill it, and wait for its end."""
        if self._driver is None:
            return
        self._driver.kill()
        await self._driver.ended()
        if self._listening is not None:
            self._listening.cancel()
        self._driver = None


class Stage:
    """What a fault strikes (`harness.session.faults.fault.Target`)."""

    def __init__(
        self, application: Application, roles: Roles, work: TrialWork, ledger: Ledger, job_s: float = 0.0
    ) -> None:
        self._job_s = job_s
        self._application = application
        self._roles = roles
        self._work = work
        self._ledger = ledger
        self._struck: list[int] = []
        """Process ids of the workers that were struck."""

    def signal_app(self, number: int) -> None:
        """Send a signal to the application."""
        self._application.signal(number)

    async def app_again(self) -> None:
        """Another one in its place."""
        await self._application.again()

    async def signal_child(self, number: int) -> None:
        """Send a signal to the child that has begun a request last, once one has; raises ServiceError if none does."""
        ends = asyncio.get_running_loop().time() + BUSY_S
        while (child := self._busy_child()) is None:
            if asyncio.get_running_loop().time() > ends:
                raise ServiceError(f"no child of the worker executed anything within {BUSY_S:g} s, so none was struck")
            await asyncio.sleep(LOOK_S)
        os.kill(child, number)

    def _busy_child(self) -> int | None:
        """Its process id."""
        begun = executing(self._ledger.entries(self._work.trial_id))
        children = {child.pid for pid in self._worker_pids() for child in psutil.Process(pid).children(recursive=True)}
        return next((entry.pid for entry in reversed(begun) if entry.pid in children), None)

    def signal_workers(self, number: int, most: int | None = None) -> None:
        """Send a signal to workers."""
        self._struck = self._worker_pids()[:most]
        for pid in self._struck:
            os.kill(pid, number)

    def _worker_pids(self) -> list[int]:
        return self._roles.workers.processes() if self._roles.workers is not None else []

    async def workers_end(self, within_s: float) -> None:
        """Wait until those that were struck have ended, or for so long."""
        ends = asyncio.get_running_loop().time() + within_s
        while self._still_running():
            if asyncio.get_running_loop().time() > ends:
                return
            await asyncio.sleep(LOOK_S)

    def _still_running(self) -> set[int]:
        """Of those that were struck."""
        return set(self._struck) & set(self._worker_pids())

    def kill_struck(self) -> None:
        """SIGKILL to those that still run."""
        for pid in self._still_running():
            os.kill(pid, signal.SIGKILL)

    def scaled_s(self, seconds: float) -> float:
        """By the time scale of the contender, which is that of the run."""
        return seconds / scale_of(self._work.plan.tuning)

    async def workers_again(self) -> None:
        """Wait for their end, kill what does not end, start others."""
        workers = self._roles.workers
        if workers is None:
            raise ServiceError("the trial has no workers")
        await self.workers_end(ENDING_S + self._job_s)
        if self._still_running():
            await workers.stop(0)
        await workers.ensure()

    @property
    def broker(self) -> OwnServer:
        """The run's own; raises ServiceError where it is another's."""
        server = self._roles.broker.server if self._roles.broker is not None else None
        if server is None:
            raise ServiceError("only a broker that the run started can be struck")
        return server

"""What the asyncio contenders share: the coroutine is awaited in the driver's event loop."""

import asyncio
import platform
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from time import monotonic_ns
from typing import Any

from harness.contenders.contender import Assignment, Contender, Outcome, Request, StartsJobs, error_text
from harness.contenders.in_process.pausable import Pausable
from harness.contenders.settings.asyncio import cannot, new_loop
from harness.contenders.sides.declaration import asyncio_side, coroutine_cannot, source
from harness.contenders.sides.opening import opened
from harness.errors import UsageError
from harness.machine.metered_loop import MeteredLoop
from harness.machine.usage import boot_id
from harness.services.brokers.broker import BrokerPlace
from workloads.scenario import Stopped
from workloads.side import AsyncioSide, Work
from workloads.workload import Workload


class Coroutines(Contender):
    """Runs the coroutine of `asyncio_side`; `slots` limit how many run at once, by a semaphore."""

    side = "asyncio"
    body = "asyncio"
    is_noted = True
    standard: Callable[[], asyncio.AbstractEventLoop] = MeteredLoop
    """The event loop that it has where no setting says otherwise."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """The event loop with the changed settings."""
        return new_loop(self.tuning, type(self).standard)

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """Settings that this machine does not support; raises UsageError if the side is declared wrongly."""
        if (reason := coroutine_cannot(workload)) is not None:
            return reason
        return cannot(self.tuning, type(self).standard)

    def own_functions(self, workload: str) -> list[Any]:
        """The coroutine function, and what opens its resources."""
        side = asyncio_side(workload)
        return [function for function in (side.run, side.resources) if function is not None]

    def settings(self, slots: int | None, workload: str) -> dict[str, Any]:
        """The slots and the changed settings."""
        return super().settings(slots, workload) | {"tuning": [setting.name for setting in self.tuning]}

    def preload(self, workloads: list[str]) -> list[str]:
        """The coroutines, with what they import."""
        return [type(self).__module__, *(source(workload, "asyncio") for workload in workloads)]

    def built(self) -> bool:
        """Whether the processes that the coroutine started have."""
        if "multiprocessing.context" not in sys.modules:
            return True
        from harness.contenders.in_process.children import all_work

        return all_work()

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[StartsJobs]:
        """Open what the coroutine shares between requests (an HTTP session), if anything."""
        side = asyncio_side(assignment.workload)
        if "multiprocessing.context" in sys.modules:  # only work that starts processes pays for the import
            from harness.contenders.in_process.children import end_with_driver

            end_with_driver()
        async with opened(side, assignment.workload, assignment.slots, workload.resources()) as work:
            ahead = any(setting.writes_ahead for setting in self.tuning)
            if not ahead and not assignment.ledger:
                yield self._refusing(in_process(side, assignment.slots, work))
                return
            from harness.contenders.in_process.surviving import crossing_out, listed, noting, surviving

            jobs = listed(assignment, ahead=ahead)
            known = noting(work, assignment) if assignment.ledger else work
            known = crossing_out(known, jobs) if jobs else known
            async with surviving(in_process(side, assignment.slots, known), jobs) as survivor:
                yield self._refusing(survivor)

    def _refusing(self, side: StartsJobs) -> StartsJobs:
        """The same, or with a limit on what is under way, where a setting has one."""
        most = next((setting.refuses_beyond for setting in self.tuning if setting.refuses_beyond), None)
        if most is None:
            return side
        from harness.contenders.in_process.refusing import Refusing

        return Refusing(side, most)


def in_process(side: AsyncioSide, slots: int | None, work: Work | None = None) -> "InProcess":
    """With a limit where there are slots, else without; `work` is what is called instead of the side's own function."""
    return InProcess(side, work or side.run) if slots is None else InSlots(side, work or side.run, slots)


class InProcess(Pausable):
    """Awaits the coroutine at once, however many there are."""

    def __init__(self, side: AsyncioSide, work: Work) -> None:
        self._side = side
        self._work = work
        self._host = platform.node()
        self._boot_id = boot_id()

    async def submit(self, request: Request) -> Outcome:
        """Run the work; publishing takes no time, so its end is left at 0."""
        if self._shut is not None:
            return await self._later(request, self._shut)
        start = monotonic_ns()
        try:
            reply = await self._work(**request.payload)
        except Exception as error:  # noqa: BLE001 - as in `attempt`, which would cost another call
            return Outcome(None, error_text(error), 0, start, monotonic_ns(), self._host, self._boot_id)
        return Outcome(reply, None, 0, start, monotonic_ns(), self._host, self._boot_id)

    def start_job(self, request: Request) -> "CoroutineJob":
        """Start the work as a separate task."""
        return CoroutineJob(self._side, self._in_turn(request))

    async def _in_turn(self, request: Request) -> Any:
        """The work's reply, or what it raises."""
        return await self._work(**request.payload)

    async def _later(self, request: Request, shut: asyncio.Event) -> Outcome:
        """Run the work once resumed; what came before that moment was publishing."""
        published = monotonic_ns()
        await shut.wait()
        outcome = await self.submit(request)
        outcome.publish_end_ns = published
        return outcome


class InSlots(InProcess):
    """Awaits the coroutine once a slot is free; the wait for the slot is its queue."""

    def __init__(self, side: AsyncioSide, work: Work, slots: int) -> None:
        super().__init__(side, work)
        self._slots = asyncio.Semaphore(slots)

    async def submit(self, request: Request) -> Outcome:
        """Run the work in a slot."""
        if self._shut is not None:
            return await self._later(request, self._shut)
        async with self._slots:
            return await super().submit(request)

    async def _in_turn(self, request: Request) -> Any:
        """Run the work once a slot is free."""
        async with self._slots:
            return await super()._in_turn(request)


class CoroutineJob:
    """A task, started and stopped as its side says."""

    def __init__(self, side: AsyncioSide, work: Coroutine[Any, Any, Any]) -> None:
        self._stop = side.stop
        self._task = side.start(work)

    async def reply(self) -> Any:
        """What the coroutine returns."""
        await asyncio.wait({self._task})
        if self._task.cancelled():
            raise Stopped
        return self._task.result()

    def stop(self) -> None:
        """Stop the task as the side declares."""
        if self._stop is None:
            raise UsageError(
                "the scenario stops its work: the asyncio side must declare how, as in AsyncioSide(stop=…)"
            )
        self._stop(self._task)

    def forget(self) -> None:
        """Cancel the task."""
        self._task.cancel()

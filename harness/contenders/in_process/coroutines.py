"""What the asyncio contenders share: the coroutine is awaited in the driver's own event loop."""

import asyncio
import importlib
import platform
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic_ns
from typing import Any

from harness.contenders.contender import Assignment, Contender, Outcome, Request
from harness.contenders.in_process.gate import Gate
from harness.contenders.settings.asyncio import cannot, new_loop
from harness.machine.usage import boot_id
from harness.services.brokers.broker import BrokerPlace
from workloads.scenario import Stopped
from workloads.workload import Workload

Work = Callable[..., Coroutine[Any, Any, Any]]


class Coroutines(Contender):
    """Runs the coroutine of `asyncio_side`; `slots` limit how many run at once, by a semaphore."""

    side = "asyncio"
    standard: Callable[[], asyncio.AbstractEventLoop] = asyncio.SelectorEventLoop
    """The event loop that it has where no setting says otherwise."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """As its settings say."""
        return new_loop(self.tuning, type(self).standard)

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """Settings that cannot be had here."""
        return cannot(self.tuning, type(self).standard)

    def settings(self, slots: int | None) -> dict[str, Any]:
        """Slots, and what was changed."""
        return super().settings(slots) | {"tuning": [one.name for one in self.tuning]}

    def preload(self, workloads: list[str]) -> list[str]:
        """The coroutines, with what they import."""
        return [type(self).__module__, *(f"asyncio_side.{name}" for name in workloads)]

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator["InProcess"]:
        """Open what the coroutine shares between requests (an HTTP session), if anything."""
        module = importlib.import_module(f"asyncio_side.{assignment.workload}")
        work: Work = getattr(module, assignment.workload)
        if not hasattr(module, "resources"):
            yield in_process(work, assignment.slots, module)
            return
        async with module.resources(assignment.slots, **workload.resources()) as shared:
            yield in_process(partial(work, shared), assignment.slots, module)


def in_process(work: Work, slots: int | None, module: Any = None) -> "InProcess":
    """With a limit where there are slots, else without; `module` has what starts and stops the work in a scenario."""
    return InProcess(work, module) if slots is None else InSlots(work, slots, module)


class InProcess(Gate):
    """Awaits the coroutine at once, however many there are."""

    def __init__(self, work: Work, module: Any = None) -> None:
        self._work = work
        self._module = module
        self._host = platform.node()
        self._boot_id = boot_id()

    async def submit(self, request: Request) -> Outcome:
        """Run the work; publishing takes no time, so its end is left at 0."""
        if self._shut is not None:
            return await self._later(request, self._shut)
        start = monotonic_ns()
        try:
            reply = await self._work(**request.payload)
        except Exception as error:
            return Outcome(None, describe(error), 0, start, monotonic_ns(), self._host, self._boot_id)
        return Outcome(reply, None, 0, start, monotonic_ns(), self._host, self._boot_id)

    def start_job(self, request: Request) -> "CoroutineJob":
        """The work as a task of its own."""
        return CoroutineJob(self._module, self._in_turn(request))

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

    def __init__(self, work: Work, slots: int, module: Any = None) -> None:
        super().__init__(work, module)
        self._slots = asyncio.Semaphore(slots)

    async def submit(self, request: Request) -> Outcome:
        """Run the work in a slot."""
        if self._shut is not None:
            return await self._later(request, self._shut)
        async with self._slots:
            return await super().submit(request)

    async def _in_turn(self, request: Request) -> Any:
        """Once a slot is free."""
        async with self._slots:
            return await super()._in_turn(request)


class CoroutineJob:
    """A task, started as the module of the work says, else by `create_task`."""

    def __init__(self, module: Any, work: Coroutine[Any, Any, Any]) -> None:
        self._module = module
        self._task: asyncio.Task[Any] = getattr(module, "start", asyncio.create_task)(work)

    async def reply(self) -> Any:
        """What the coroutine returns."""
        await asyncio.wait({self._task})
        if self._task.cancelled():
            raise Stopped
        return self._task.result()

    def stop(self) -> None:
        """As the module does."""
        self._module.stop(self._task)

    def forget(self) -> None:
        """Nobody needs it any more."""
        self._task.cancel()


def describe(error: BaseException) -> str:
    """An error in one line, as `Kind: text`."""
    return f"{type(error).__name__}: {error}"

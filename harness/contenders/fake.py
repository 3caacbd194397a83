"""fake: serves requests in virtual time, the same at every run; it drives the harness's own tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from harness import registry
from harness.contenders.contender import Assignment, Contender, Outcome, Request, attempt
from harness.contenders.in_process.pausable import Pausable
from harness.machine.clock import Clock, VirtualClock, VirtualLoop
from harness.machine.usage import boot_id
from harness.services.brokers.broker import BrokerPlace
from workloads.workload import Part, Payload, Workload

LEAST_S = 0.001
"""Work without a service time takes this long, because virtual time passes only while something waits."""
Serve = Callable[[int, Payload], Any]


def echo(number: int, payload: Payload) -> Any:
    """The right reply of the workloads whose reply follows from their payload."""
    return "Thu, 01 Jan 2026 00:00:00 GMT" if "url" in payload else payload.get("seconds")


class Fake(Contender):
    """`slots` servers, first come first served, each busy for as long as the workload says that the job takes."""

    name = "fake"
    side = "fake"
    calls_services = False
    summary = "no work, virtual time, deterministic: for testing the harness itself"

    def __init__(self, serve: Serve = echo) -> None:
        self._serve = serve

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """A loop on which waiting takes no real time."""
        return VirtualLoop()

    def clock(self, loop: asyncio.AbstractEventLoop) -> Clock:
        """The loop's virtual clock."""
        return VirtualClock(virtual(loop))

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """A scenario takes place in real time."""
        one_execution = registry.load("workload", workload).one_execution
        return None if one_execution else "a scenario cannot be played in virtual time"

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator["FakeSide"]:
        """Nothing to connect to."""
        loop = virtual(asyncio.get_running_loop())
        yield FakeSide(loop, assignment.slots, workload.ideal_s or LEAST_S, self._serve, workload.part)


class FakeSide(Pausable):
    """Serves in virtual time; `serve` may raise (a failed request) or return anything (a wrong reply)."""

    def __init__(
        self,
        loop: VirtualLoop,
        slots: int | None,
        service_s: float,
        serve: Serve,
        part_of: Callable[[int], Part | None] = lambda _number: None,
    ) -> None:
        """`part_of`: which kind of job a request is, where it has a time of its own."""
        self._now = loop.now_ns
        self._slots = asyncio.Semaphore(slots or 1_000_000)
        self._service_s = service_s
        self._part_of = part_of
        self._serve = serve
        self._boot_id = boot_id()
        self.executions = 0

    async def submit(self, request: Request) -> Outcome:
        """Wait for a slot, be busy for the service time, reply."""
        published = self._now()
        while self._shut is not None:
            await self._shut.wait()
        async with self._slots:
            start = self._now()
            part = self._part_of(request.id)
            await asyncio.sleep(self._service_s if part is None else part.alone_s)
            self.executions += 1
            reply, error = await attempt(self._reply(request))
        return Outcome(reply, error, published, start, self._now(), "fake", self._boot_id)

    async def _reply(self, request: Request) -> Any:
        return self._serve(request.id, request.payload)


def virtual(loop: asyncio.AbstractEventLoop) -> VirtualLoop:
    """That loop; raises TypeError if it is not virtual."""
    if not isinstance(loop, VirtualLoop):
        raise TypeError(f"the fake runs on a VirtualLoop only; got {loop!r}")
    return loop


CONTENDER = Fake()

"""The Contender contract: a side in one concrete configuration, as the driver and the session see it."""

import asyncio
import copy
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self

import msgspec

from harness import registry
from harness.contenders.settings.setting import Setting, resolve
from harness.jobs.text import said, telling
from harness.machine.clock import Clock, machine_clock
from harness.machine.metered_loop import MeteredLoop
from harness.machine.usage import Reading
from harness.recording.executed import Executed
from harness.results.model import Promise, Side, Worker
from harness.services.brokers.broker import BrokerPlace, BrokerService
from harness.services.terms import Terms
from workloads.scenario import Job
from workloads.workload import Payload, Services, Workload

BOUNDARY, QUEUE, CELERY, STYLE = "process boundary and broker", "a task queue", "Celery", "style of the body"
"""Parts of a contender: what a view of layers tells apart."""
Body = Literal["asyncio", "celery"]
"""Whose code a contender executes."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """What the driver submits."""

    id: int
    payload: Payload


class Outcome(msgspec.Struct, gc=False):
    """A reply or an error, and stamps: `time.monotonic_ns` of the machine with that `boot_id`, 0 where unknown."""

    reply: Any = None
    error: str | None = None
    """Type and text of what the work raised, as `Kind: text`."""
    publish_end_ns: int = 0
    exec_start_ns: int = 0
    exec_end_ns: int = 0
    host: str = ""
    boot_id: str = ""


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What a contender needs to know in a driver: the work, the number of slots, the addresses of services."""

    workload: str
    tuning: list[str] = []
    """Names of the contender's settings that are changed."""
    slots: int | None
    services: Services
    broker: BrokerPlace | None = None
    shards: int = 1
    """How many brokers of its kind there are, of which each driver has one."""
    queue: str = ""
    workers: list[str] = []
    """Names of the workers that take from that queue."""
    trial: int = 0
    """Number of the trial in the run; with a request's number it forms that request's id, also in the workers."""
    backlog: bool = False
    """Whether all requests are there before any is executed, and it is what executes them that is measured."""
    ledger: str = ""
    """Where what becomes of each request is noted, because a fault will strike; empty: nowhere."""
    keeps: str = ""
    """Name of a file that outlives the driver, for what the application keeps; set in the driver alone."""

    @property
    def required_broker(self) -> BrokerPlace:
        """The broker of a contender that needs one; raises ValueError if there is none."""
        if self.broker is None:
            raise ValueError(f"no broker was assigned to {self.workload}")
        return self.broker


class StartedJob(Job, Protocol):
    """A scenario's job, as its side has it."""

    def forget(self) -> None:
        """Stop waiting for it, and end what it still runs in this process."""
        ...


class Driven(Protocol):
    """The open side of a contender, inside a driver."""

    async def submit(self, request: Request) -> Outcome:
        """Submit `request` and wait for its outcome; an exception of the work is returned as `Outcome.error`."""
        ...

    async def pause(self) -> None:
        """Hold back all requests submitted from now on, until `resume`; called when none is being executed."""
        ...

    async def resume(self) -> None:
        """Execute the requests that were submitted since `pause`."""
        ...


class StartsJobs(Driven, Protocol):
    """A side on which scenarios can be played."""

    def start_job(self, request: Request) -> StartedJob:
        """Start `request`; returns as soon as the caller can go on."""
        ...


class Workers(Protocol):
    """Worker processes of one contender, as the session sees them: started once a boot."""

    async def start(self) -> None:
        """Start them and wait until they answer; raises ServiceError with their own last lines."""
        ...

    async def ensure(self) -> None:
        """Restart those that have died, or that a signal has stopped."""
        ...

    async def reading(self, *, memory: bool) -> Reading:
        """Their usage now, over the whole process tree; `count` is the executions so far."""
        ...

    async def executed(self, trial: int) -> Executed:
        """What was executed since this was last asked, which is once a trial."""
        ...

    def dead(self) -> str | None:
        """Why they can no longer serve, with the last lines of their log; None while they run."""
        ...

    def processes(self) -> list[int]:
        """The process ids of the main processes that run; none where they were started elsewhere."""
        ...

    def stopped(self) -> str | None:
        """Which process of theirs a signal has stopped; None if none is, or if that cannot be seen from here."""
        ...

    async def silent(self) -> str | None:
        """Which of them does not answer, where nothing moves; None if all do, or where `dead` and `stopped` tell it."""
        ...

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """The workers, and the settings that they report."""
        ...

    async def stop(self, grace_s: float) -> None:
        """Ask them to exit; those still running after `grace_s` seconds are killed with their process trees."""
        ...


class WorkersPlace(msgspec.Struct, frozen=True, kw_only=True):
    """The broker, the queue and the log of a session's workers."""

    broker: BrokerPlace
    queue: str
    log: Path
    env: dict[str, str] = {}
    """What the work finds in its environment."""
    terms: Terms | None = None
    """On which they are leased, where they were started outside the run."""
    tasks: tuple[str, ...] = ()
    """Workloads whose tasks they execute, and which they import; empty stands for all."""
    shard: str = ""
    """Which of several brokers that share a contender's requests, for messages; empty where there is one."""


class Contender(ABC):
    """One contender, perhaps with settings changed; stateless, so that one instance serves all its cells."""

    name: ClassVar[str]
    side: ClassVar[Side]
    summary: ClassVar[str]
    needs_broker: ClassVar[bool] = False
    body: ClassVar[Body | None] = None
    """Whose body it executes; None if it executes none."""
    calls_services: ClassVar[bool] = True
    """Whether its work calls origin and databases, so that a run must have them."""
    parts: ClassVar[tuple[str, ...]] = ()
    """What lies between a caller and the coroutine in its own process; empty for that itself. See `BOUNDARY`."""
    not_external: ClassVar[str | None] = None
    """Why its workers cannot be started outside the run, where they cannot."""
    not_paused: ClassVar[str | None] = None
    """Why its execution cannot be held back while requests are submitted, where it cannot: it takes no backlog."""
    usual_promise: ClassVar[Promise] = "none"
    """Where no setting says more."""
    is_noted: ClassVar[bool] = False
    """Whether it notes in the ledger what becomes of each request, so that faults may strike."""
    has_children: ClassVar[bool] = False
    """Whether its workers execute in child processes, one of which may die alone."""
    tuning: tuple[Any, ...] = ()
    """The settings that are changed, of the type of its side."""

    @property
    def promise(self) -> Promise:
        """What it says about a request that was accepted, whatever then dies; the last setting that says so decides."""
        said = [setting.promise for setting in self.tuning if setting.promise is not None]
        return said[-1] if said else self.usual_promise

    @property
    def sets_workers(self) -> bool:
        """Whether its settings change how workers are started, which an external worker does not follow."""
        return False

    def tuned(self, settings: tuple[Setting, ...]) -> Self:
        """The same with these settings changed."""
        other = copy.copy(self)
        other.tuning = settings
        return other

    def slots(self, asked: int | None, where: str) -> int | None:
        """Its slots when `asked` were given (None: none were); raises UsageError if it cannot have them."""
        return asked

    def preload(self, workloads: list[str]) -> list[str]:
        """Modules that the fork server imports before it forks drivers for those workloads."""
        return [type(self).__module__]

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that its driver runs on."""
        return MeteredLoop()

    def clock(self, loop: asyncio.AbstractEventLoop) -> Clock:
        """The clock with which its driver stamps and waits."""
        return machine_clock()

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """Why it cannot do that work; None if it can. Raises UsageError if the side is declared wrongly."""
        return None

    def own_functions(self, workload: str) -> list[Any]:
        """Functions of that work that run in the driver; none where workers run it."""
        return []

    def producer(self, workload: str, *, backlog: bool) -> str | None:
        """What publishes the requests of that work; None if they are not published. `backlog`: see `Assignment`."""
        return None

    def bodies(self, drivers: int, shards: int) -> int:
        """How many processes share the slots and execute the work: drivers, or a worker on each shard of the broker."""
        return shards if self.needs_broker else drivers

    def several(self, workload: str) -> bool:
        """Whether a request of that work is several executions here, of which the last alone is stamped."""
        return False

    @abstractmethod
    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect, in the driver; the side can be submitted to until the context ends."""

    def built(self) -> bool:
        """In the driver: whether all that the work starts there, such as the processes of a pool, has begun to work."""
        return True

    def broker_place(self, broker: BrokerService) -> BrokerPlace:
        """How its clients and workers connect to a broker."""
        return broker.place

    def queues(self, queue: str) -> list[str]:
        """Where its requests wait: the run's queue for it, and those that it has beside it."""
        return [queue]

    def workers(self, slots: int | None, place: WorkersPlace) -> Workers | None:
        """Its worker processes, not yet started; None if the work runs in the driver."""
        return None

    def settings(self, slots: int | None, workload: str) -> dict[str, Any]:
        """The settings it is given for that work, for the results document."""
        return {"slots": slots}


def error_text(error: BaseException) -> str:
    """Type and text of an exception, in the form of `Outcome.error`; of one that says nothing, those of its cause."""
    return f"{type(told := telling(error)).__name__}: {said(told)}"


async def attempt(work: Awaitable[Any]) -> tuple[Any, str | None]:
    """The reply of the work, and the text of its error: one of them is None."""
    try:
        return await work, None
    except Exception as error:  # noqa: BLE001 - whatever the work raises is its outcome
        return None, error_text(error)


def contender_of(name: str, tuning: Sequence[str] = (), where: str = "the registry") -> Contender:
    """The contender of that name with these settings; raises UsageError for unknown names."""
    contender: Contender = registry.load("contender", name, where)
    return contender.tuned(resolve(contender.side, tuning, where)) if tuning else contender


def even_part(whole: int, index: int, parts: int) -> int:
    """Part `index` of a number that is divided as evenly as possible."""
    return whole // parts + (index < whole % parts)

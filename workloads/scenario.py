"""The Scenario contract: work that is more than a request and its reply, such as cancelling a job."""

import asyncio
from abc import abstractmethod
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from workloads.workload import P, Payload, Workload

T = TypeVar("T")


class Stopped(Exception):
    """Raised when a job was stopped before its end."""


class Ended(Exception):
    """Raised when a job ended by itself, although it should have run until it was stopped."""


class Job(Protocol):
    """Work that has been started on a side."""

    async def reply(self) -> Any:
        """Wait for the job to end and return its reply; raises Stopped if it was stopped, or what the work raised."""
        ...

    def stop(self) -> None:
        """Stop it, as its side declares (`stop`)."""
        ...


class ScenarioContext(Protocol):
    """What a scenario uses: a side, a clock, and the origin, which records the job's requests as a neutral witness."""

    id: str
    """Id of the request, unique in the run."""
    number: int
    """Number of the request in its trial: 0, 1, 2…"""

    def now(self) -> float:
        """Seconds of the driver's clock."""
        ...

    def start(self, payload: Payload) -> Job:
        """Start the work on that payload; returns as soon as the caller can go on."""
        ...

    def accepted(self) -> None:
        """Its caller has been told that the work will be done (see `Scenario.tells`)."""
        ...

    def visits(self, key: str, at_least: int = 0, within_s: float = 0.0) -> Coroutine[Any, Any, list[float]]:
        """Times at which the origin received `GET /visit/KEY`, in seconds of the driver's clock.

        Returns as soon as there are `at_least` of them, or after `within_s` seconds.
        """
        ...


class Scenario(Workload[P], Generic[P]):
    """A workload that itself starts and stops jobs on a side.

    The value that `run` returns is the reply that `check` and `measure` receive.
    """

    one_execution: ClassVar[bool] = False
    stops: ClassVar[bool] = False
    """Whether `run` stops its job, which so has no end of its own."""
    tells: ClassVar[bool] = False
    """Whether `run` says when its caller has been told that the work will be done; else that is once it first waits."""

    def playing(self) -> AbstractAsyncContextManager[None]:
        """What it needs itself, opened before the first request and closed after the last; nothing by default."""
        return nullcontext()

    @abstractmethod
    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Run the scenario once; return what was observed, as JSON values."""

    @staticmethod
    async def while_it_runs(job: Job, observing: Coroutine[Any, Any, T]) -> T:
        """What is observed of a job that runs until it is stopped.

        Raises Ended, or what the job raised, as soon as it ends by itself.
        """
        observed, ended = asyncio.ensure_future(observing), asyncio.ensure_future(job.reply())
        try:
            await asyncio.wait({observed, ended}, return_when=asyncio.FIRST_COMPLETED)
            if observed.done():
                return observed.result()
            raise Ended(f"the job ended by itself and replied {ended.result()!r}")
        finally:
            observed.cancel()
            ended.cancel()

    @property
    def ideal_s(self) -> None:
        """None: how long it takes says nothing about how fast a side is."""
        return None

"""The Scenario contract: work that is more than a request and its reply, such as stopping what runs."""

from abc import abstractmethod
from typing import Any, ClassVar, Generic, Protocol

from workloads.workload import P, Payload, Workload


class Stopped(Exception):
    """The work was stopped before its end."""


class Job(Protocol):
    """Work that has been started on a side."""

    async def reply(self) -> Any:
        """Its reply, once it has ended; raises Stopped where it was stopped, and what the work raised."""
        ...

    def stop(self) -> None:
        """Stop it, as its side declares (`stop`)."""
        ...


class ScenarioContext(Protocol):
    """What a scenario works with: a side, a clock, and the origin, which is on neither side and sees what comes by."""

    id: str
    """The request's own, different from all others of the run."""
    number: int
    """The request's place in its trial."""

    def now(self) -> float:
        """Seconds of the driver's clock."""
        ...

    def start(self, payload: Payload) -> Job:
        """Start the work on that payload; returns when the caller may go on."""
        ...

    async def visits(self, key: str, at_least: int = 0, within_s: float = 0.0) -> list[float]:
        """When the origin saw `GET /visit/KEY`, in seconds of the driver's clock.

        Returns once there are `at_least` of them, or after `within_s`.
        """
        ...


class Scenario(Workload[P], Generic[P]):
    """A workload that says itself what happens with a side, and what of it is measured.

    Whatever `run` returns is the reply that `check` and `measure` are given.
    """

    one_execution: ClassVar[bool] = False

    @abstractmethod
    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Play it once; what was seen, as JSON values."""

    @property
    def ideal_s(self) -> None:
        """How long it takes does not tell how fast a side is."""
        return None

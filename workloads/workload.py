"""The Workload contract: how a payload is made, how a reply is checked, and the ideal service time."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

Payload = dict[str, Any]
"""Keyword arguments of one request: JSON values only, because a Celery task receives them over a broker."""


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every workload's parameters: typed, with a default and a description each."""


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Where the services lie that a workload's payloads point to."""

    origin_url: str | None = None
    """Base URL of the HTTP origin, without a slash at its end."""
    postgres_schema: str | None = None
    """Schema in the PostgreSQL that `DATABASE_URL` leads to."""
    origin_is_ours: bool = True
    """False where `--origin` named a real service: it takes none of our origin's parameters."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial measured, as far as workloads derive something from it; None where it is not known."""

    throughput_per_s: float
    mean_ms: float
    """Of the latencies."""
    served_per_reply: float | None = None
    """Requests that the origin answered for each good reply."""
    connections: int | None = None
    """Connections to the service that is called, used in the last second of the window."""


P = TypeVar("P", bound=Params)


class Workload(ABC, Generic[P]):
    """One unit of I/O-bound work, the same for every side.

    An instance belongs to one trial: `params` are its settings, `services` what it may call, `seed` what
    makes its payloads repeatable.
    """

    summary: ClassVar[str]
    """One line for `workbench list`."""
    in_practice: ClassVar[str]
    """When one meets it: for `docs/workloads.md`."""
    look_at: ClassVar[str]
    """What to look at in its results: likewise."""
    Params: ClassVar[type[Params]] = Params
    needs: ClassVar[frozenset[str]] = frozenset()
    """Services without which it cannot run: `origin`, `postgres`."""
    one_execution: ClassVar[bool] = True
    """Whether a request is executed once, and holds one slot from the begin of its execution to its end."""
    tables: ClassVar[str] = ""
    """SQL that makes what it needs in a schema of the run's own, where it needs `postgres`."""

    def __init__(self, params: P, services: Services, seed: int) -> None:
        self.params = params
        self.services = services
        self.seed = seed

    @abstractmethod
    def payload(self, number: int) -> Payload:
        """Keyword arguments of request `number` (0, 1, 2…): the same for every side."""

    def resources(self) -> dict[str, Any]:
        """Settings of what requests share on the asyncio side: arguments of its `resources`, beside the slots."""
        return {}

    @abstractmethod
    def check(self, payload: Payload, reply: Any) -> str | None:
        """None where `reply` is right; else what is wrong with it, in one line."""

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """Figures of one right reply, whose means over the trial are shown; the key's end tells the unit.

        Called for every right reply, where a workload defines it.
        """
        return {}

    def derive(self, figures: Figures) -> dict[str, float]:
        """What they amount to in the workload's own terms; the key's end tells the unit."""
        return {}

    @property
    def expected_s(self) -> float | None:
        """Seconds that it takes with nothing in its way, for the first request's deadline; `ideal_s`, or more."""
        return self.ideal_s

    @property
    @abstractmethod
    def ideal_s(self) -> float | None:
        """Seconds that the work takes at the least (the mean, where it varies); None where nobody can know."""

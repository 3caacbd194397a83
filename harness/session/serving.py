"""The services that a trial depends on, asked together: which has ended, was stopped, or does not answer."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from harness.errors import ServiceError
from harness.services.calls import ask
from harness.services.causes import Peer

SILENT_S = 3.0
"""How long a service may take to answer where nothing moves."""


class Fault(NamedTuple):
    """What a trial depends on, and why it no longer serves."""

    reason: str
    service: str | None = None
    """Its name to the trial (see `RunServices.serving`); None for workers and drivers, which each trial ensures."""
    is_own: bool = False
    """Whether the run started it, and can start it again."""


class Service(Protocol):
    """A broker, or a service that both sides call."""

    @property
    def peer(self) -> Peer:
        """How messages name it."""
        ...

    @property
    def is_own(self) -> bool:
        """Whether the run started it, and can start it again."""
        ...

    def answer(self) -> None:
        """Return if it answers now; it blocks, and raises what its library raises."""
        ...

    def gone(self) -> str | None:
        """How the run's own server ended; None while it runs, or where it is not ours."""
        ...

    def stopped(self) -> str | None:
        """Which process of the run's own server a signal has stopped; None if none, or where it is not ours."""
        ...


class Serving:
    """The services of one trial by name, those first that others depend on."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = dict(services)

    def names(self) -> list[str]:
        """Of all."""
        return list(self._services)

    def gone(self) -> Fault | None:
        """The first that has ended; None while all run."""
        for name, service in self._services.items():
            if (reason := service.gone()) is not None:
                return Fault(reason, name, service.is_own)
        return None

    def stopped(self) -> Fault | None:
        """The first of which a signal has stopped a process; None if none."""
        for name, service in self._services.items():
            if (reason := service.stopped()) is not None:
                return Fault(reason, name, service.is_own)
        return None

    async def silent(self) -> Fault | None:
        """The first that runs and does not answer; None if all do. All are asked at once, and have `SILENT_S`."""
        reasons = await asyncio.gather(*(_why_silent(service) for service in self._services.values()))
        for (name, service), reason in zip(self._services.items(), reasons, strict=True):
            if reason is not None:
                return Fault(service.stopped() or reason, name, service.is_own)
        return None

    async def fault(self) -> Fault | None:
        """The first that has ended, or does not answer; None if all serve."""
        return self.gone() or await self.silent()


async def _why_silent(service: Service) -> str | None:
    try:
        await ask(service.peer, service.answer, limit_s=SILENT_S)
    except ServiceError as error:
        return str(error)
    return None

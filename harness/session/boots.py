"""The boots of a run: its services are started afresh several times, because figures differ from start to start."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from harness.errors import ServiceError
from harness.progress.progress import Progress, Quiet
from harness.results.text import in_a_line
from harness.session.failures import MOST_IN_A_ROW
from harness.session.services import RunServices, parts_of
from harness.session.setup import RunSetup

GRACE_S = 1.5
"""For processes to end by themselves: at the end of a boot nothing is under way that could be lost."""
GRACE_INTERRUPTED_S = 1.5
AGAIN_S = 5.0


class Boots:
    """One boot at a time: all services of a run from their start to their end."""

    def __init__(self, make: Callable[[int], RunServices], progress: Progress, scratch: Path) -> None:
        """`make`: the services of the boot of that number, not yet started. `scratch`: a folder for their files."""
        self.number = 0
        """Of the boot whose services are up, from 0."""
        self._make = make
        self._progress = progress
        self._scratch = scratch
        self._up: list[RunServices] = []
        self._starts = 0

    @property
    def services(self) -> RunServices:
        """Those that are up."""
        return self._up[-1]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The first boot is up; the last one is stopped at the end, whatever happens."""
        try:
            await self._start()
            yield
        except BaseException:
            await self._stop(GRACE_INTERRUPTED_S)
            raise
        else:
            self._progress.step("stopping")
            await self._stop(GRACE_S)

    async def begin(self, number: int) -> None:
        """Start services afresh if those that are up are of an earlier boot. Raises ServiceError.

        The old ones end meanwhile: the new ones have ports, queues and files of their own.
        """
        if number <= self.number:
            return
        self._progress.step(f"starting all services afresh (boot {number + 1})")
        self.number = number
        old = self.services
        async with asyncio.TaskGroup() as group:
            group.create_task(old.stop(GRACE_S))
            group.create_task(self._start_in_the_end())
        self._up.remove(old)

    async def _start_in_the_end(self) -> None:
        """Start; what was given may be away for a while, as it may be during a trial. Raises ServiceError."""
        for _ in range(MOST_IN_A_ROW - 1):
            try:
                await self._start()
            except (ServiceError, ExceptionGroup) as error:
                if not _is_of_services(error):
                    raise
                self._progress.step(f"services did not start, and are started again in {AGAIN_S:g} s: {_said(error)}")
            else:
                return
            await self._up.pop().stop(0)
            await asyncio.sleep(AGAIN_S)
        await self._start()

    async def renew(self, reason: str) -> None:
        """Kill the services that are up, because one of them no longer serves, and start all afresh.

        Raises ServiceError if they do not start.
        """
        self._progress.step(f"starting all services afresh: {in_a_line(reason)}")
        old = self.services
        await old.stop(0)
        self.number += 1
        await self._start()
        self._up.remove(old)

    async def _start(self) -> None:
        folder = self._scratch / f"boot-{self._starts}"
        folder.mkdir()
        self._starts += 1
        services = self._make(self.number)
        self._up.append(services)
        await services.start(folder)

    async def _stop(self, grace_s: float) -> None:
        """All that may be up, while another boot begins too."""
        await asyncio.gather(*(services.stop(grace_s) for services in self._up))


def _is_of_services(error: Exception) -> bool:
    """Whether nothing else than services failed; those that are started together raise a group."""
    return not isinstance(error, ExceptionGroup) or error.split(ServiceError)[1] is None


def _said(error: Exception) -> str:
    return in_a_line(str(error.exceptions[0] if isinstance(error, ExceptionGroup) else error))


def boots_of(setup: RunSetup, scratch: Path) -> Boots:
    """Those of such a run; only the first one reports step by step."""

    def make(number: int) -> RunServices:
        reporting = setup if number == 0 else setup._replace(progress=Quiet())
        return RunServices(reporting, parts_of(reporting))

    return Boots(make, setup.progress, scratch)

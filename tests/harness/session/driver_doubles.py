"""Doubles of drivers, and of what forks them."""

import asyncio
from pathlib import Path

from harness.contenders.fake import Fake
from harness.driver.messages import Message, TrialSpec
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.recording.fold import fold_spool
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.results.model import DriverAt
from tests.builders import SilentLink
from tests.running import drive


class DriverDouble:
    """Says what it was given to say, in order; None is its end, a number so many seconds of silence."""

    lead_s = 0.25
    wall_apart_s = 0.0
    pid: int | None = None

    def __init__(self, *says: Message | float | None, at: DriverAt | None = None, ending: str | None = None) -> None:
        self.at = at
        self.spec: TrialSpec | None = None
        self.heard: list[Message] = []
        self.killed = False
        self.is_stopped = False
        self._says = list(says)
        self._ending = ending

    def stopped(self) -> str | None:
        """As it was given."""
        return "the driver" if self.is_stopped else None

    def send(self, message: Message) -> None:
        """Keep what it hears."""
        self.heard.append(message)

    async def receive(self) -> Message | None:
        """The next thing, then silence for ever."""
        while self._says:
            said = self._says.pop(0)
            if not isinstance(said, float):
                return said
            await asyncio.sleep(said)
        await asyncio.Event().wait()
        raise AssertionError

    async def folded(self, terms: FoldTerms, issued: int, *, rows: bool) -> Folded:
        """Of the spool that its specification names, if any."""
        if self.spec is None or not Path(self.spec.spool).exists():
            return Folded(terms)
        return await in_thread(fold_spool, Path(self.spec.spool), terms, issued, self.spec.driver)

    def kill(self) -> None:
        """Note it."""
        self.killed = True

    async def ended(self) -> str | None:
        """As it was given."""
        return self._ending


class Driving(DriverDouble):
    """Drives its trial with `fake`, in virtual time, in this process."""

    def __init__(self, spec: TrialSpec) -> None:
        super().__init__()
        self.spec: TrialSpec = spec

    async def receive(self) -> Message | None:
        """Its recording; the spool is written meanwhile."""
        return (await in_thread(drive, self.spec, SilentLink(), Fake())).recording


class SourceDouble:
    """Forks the drivers that it was given; raises where it has none."""

    def __init__(self, *drivers: DriverDouble) -> None:
        self.specs: list[TrialSpec] = []
        self._drivers = list(drivers)

    async def fork(self, spec: TrialSpec) -> DriverDouble:
        """The next one."""
        self.specs.append(spec)
        if not self._drivers:
            raise ServiceError("driver x did not accept a trial within 6 s")
        driver = self._drivers.pop(0)
        driver.spec = spec
        return driver

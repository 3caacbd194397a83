"""Watches what a trial depends on, and ends the trial once nothing more can come of it, with the true reason."""

import asyncio
import math
from collections.abc import Sequence
from typing import Protocol

from harness.driver.messages import Abort
from harness.session.following import Driver, Following
from harness.session.serving import Fault

WATCH_S = 0.2
LOOK_S = 1.0
"""How often processes are looked at that a signal may have stopped."""
STOPPED_S = 4.0
"""How long a signal may stop one of them: the trial is measured, with a doubt, if it goes on before."""
STILL_S = 2.0
"""How long nothing may move before the services are asked; long requests stand still too, and services then answer."""
LAST_WORDS_S = 2.0


class Dependents(Protocol):
    """The services and workers of a trial."""

    def gone(self) -> Fault | None:
        """How one of them has ended; None while all run."""
        ...

    def stopped(self) -> Fault | None:
        """Which process of theirs a signal has stopped; None if none, or where that cannot be seen."""
        ...

    async def silent(self) -> Fault | None:
        """Why one of them does not serve although it runs; None if all do."""
        ...

    async def fault(self) -> Fault | None:
        """What no longer serves, the one first that others depend on; None if all do."""
        ...


class Watch:
    """Of one trial. From a fault to the last words of its drivers it takes less than 9 s."""

    def __init__(
        self, dependents: Dependents, following: Following, drivers: Sequence[Driver], most_s: float | None = None
    ) -> None:
        """`most_s`: how long the trial may take."""
        self.fault: Fault | None = None
        """Why the trial was ended; None while it goes on."""
        self._dependents = dependents
        self._following = following
        self._drivers = drivers
        self._now = asyncio.get_running_loop().time
        self._ends_s = math.inf if most_s is None else self._now() + most_s
        self._most_s = most_s
        self._looked_s = -math.inf
        self._stopped: Fault | None = None
        self._stopped_s = 0.0
        """Since when."""

    async def run(self) -> None:
        """Stop the drivers when no more answers will come, or after `most_s`; they have `LAST_WORDS_S` to report."""
        fault = None
        while fault is None:
            await asyncio.sleep(WATCH_S)
            fault = await self._found() or self._takes_too_long()
        self.fault = fault
        self._following.give_up(fault.reason)
        for driver in self._drivers:
            driver.send(Abort(fault.reason))
        await asyncio.sleep(LAST_WORDS_S)
        for driver in self._drivers:
            driver.kill()

    def _takes_too_long(self) -> Fault | None:
        if self._now() < self._ends_s:
            return None
        return Fault(f"it had not come to its end after {self._most_s:.3g} s, as a load that is too high does not")

    async def _found(self) -> Fault | None:
        """What keeps the trial from going on."""
        if (gone := self._dependents.gone()) is not None:
            return await self._dependents.fault() or gone
        if (stopped := self._look()) is not None:  # and is not asked: that goes on, or is named
            return stopped if self._now() - self._stopped_s >= STOPPED_S else None
        following = self._following
        if following.still_s() < STILL_S:
            return None
        fault = await self._dependents.silent()
        if fault is None:
            following.looked()
        return fault if following.still_s() >= STILL_S else None

    def _look(self) -> Fault | None:
        """What a signal has stopped, as it was seen last."""
        now = self._now()
        if now - self._looked_s >= LOOK_S:
            self._looked_s = now
            found = self._stopped_driver() or self._dependents.stopped()
            if found is None or self._stopped is None or found.reason != self._stopped.reason:
                self._stopped_s = now
            self._stopped = found
        return self._stopped

    def _stopped_driver(self) -> Fault | None:
        who = next(filter(None, (driver.stopped() for driver in self._drivers)), None)
        return None if who is None else Fault(f"{who} was stopped by a signal (SIGSTOP)")

"""Forks the drivers of a trial, and ends them: all at once, because each takes its time."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from harness.driver.messages import TrialSpec
from harness.session.driver_spec import TrialWork, spec_of
from harness.session.following import Driver


class DriverSource(Protocol):
    """Creates drivers: a fork server on this machine, or a worker on another one."""

    async def fork(self, spec: TrialSpec) -> Driver:
        """A fresh driver that does what `spec` says; raises ServiceError if it does not answer."""
        ...


async def fork_all(sources: Sequence[DriverSource], work: TrialWork) -> list[Driver]:
    """A driver of each source. If one cannot be forked, the others are ended: raises its error."""
    forked = await asyncio.gather(
        *(source.fork(spec_of(work, index)) for index, source in enumerate(sources)), return_exceptions=True
    )
    drivers = [driver for driver in forked if not isinstance(driver, BaseException)]
    if len(drivers) < len(forked):
        await end_all(drivers)
        raise next(error for error in forked if isinstance(error, BaseException))
    return drivers


async def end_all(drivers: Sequence[Driver]) -> list[str | None]:
    """Stop all at once; returns how each ended that did not exit normally."""
    for driver in drivers:
        driver.kill()
    return await asyncio.gather(*(driver.ended() for driver in drivers))

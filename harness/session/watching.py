"""Watches what a trial depends on, and ends the trial once nothing more can come of it, with the true reason."""

import asyncio
import math
from collections.abc import Sequence
from typing import Protocol

from harness.driver.messages import Abort
from harness.session.following import Driver, Following

WATCH_S = 0.2
STILL_S = 3.0
"""How long nothing may move before the services are asked; long requests stand still too, and services then answer."""
FROZEN_S = 5.0
"""How long a driver may be stopped by a signal."""
LAST_WORDS_S = 2.0


class Dependents(Protocol):
    """The services and workers of a trial."""

    def gone(self) -> str | None:
        """How one of them has ended; None while all run."""
        ...

    async def silent(self) -> str | None:
        """Why one of them does not serve although it runs; None if all do."""
        ...


async def watch(
    dependents: Dependents, following: Following, drivers: Sequence[Driver], most_s: float | None = None
) -> None:
    """Stop the drivers when no more answers will come, or after `most_s`; they have `LAST_WORDS_S` to report."""
    now = asyncio.get_running_loop().time
    ends_s = math.inf if most_s is None else now() + most_s
    reason = None
    while reason is None:
        await asyncio.sleep(WATCH_S)
        reason = await _reason(dependents, following, drivers)
        if reason is None and now() >= ends_s:
            reason = f"it had not come to its end after {most_s:.3g} s, as a load that is too high does not"
    following.give_up(reason)
    for driver in drivers:
        driver.send(Abort(reason))
    await asyncio.sleep(LAST_WORDS_S)
    for driver in drivers:
        driver.kill()


async def _reason(dependents: Dependents, following: Following, drivers: Sequence[Driver]) -> str | None:
    if (gone := dependents.gone()) is not None:
        return gone
    still_s = following.still_s()
    if still_s < STILL_S:
        return None
    if (who := next(filter(None, (driver.stopped() for driver in drivers)), None)) is not None:
        return f"{who} was stopped by a signal (SIGSTOP)" if still_s >= FROZEN_S else None
    reason = await dependents.silent()
    if reason is None:
        following.looked()
    return reason if following.still_s() >= STILL_S else None

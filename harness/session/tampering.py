"""What others do to the broker of a trial: by the commands that it counts, and by what is missing there afterwards.

The workbench executes none of those commands. That others do is their right on a broker of theirs; a trial that lost
something by it says so, instead of counting the loss as the contender's.
"""

import asyncio
from typing import NamedTuple

from harness.accounting.trial import EVICTED
from harness.errors import ServiceError
from harness.results.model import Trial
from harness.services.brokers.broker import BrokerService, Observed
from harness.services.calls import ask
from harness.session.serving import Fault
from harness.statistics.doubts import UNSUSTAINABLE

KINDS = (
    *("Connection", "Operational", "Response", "ReadOnly", "OutOfMemory", "NoPermission", "Authentication"),
    *("Inconsistency", "Channel", "Timeout", "BusyLoading", "NotFound"),
)
"""How kinds of failures begin that a broker may be behind."""
REFUSED = (
    "refused connections ({:,}) during the trial: max number of clients reached. Raise that limit (maxclients), or end "
    "other clients"
)
SETTLES_S = 0.3
NOT_SEEN = Observed({}, is_bound=False, waiting=None)


class Losses(NamedTuple):
    """Requests that a trial has lost, as far as the workers say what they executed."""

    never_executed: int
    unanswered: int
    """Executed, without an answer in time."""
    held: int = 0
    """Tasks that workers had taken and not ended by then."""


class Tampering:
    """During one trial."""

    def __init__(self, broker: BrokerService | None, queue: str) -> None:
        """`queue`: where the trial's requests wait."""
        self._broker = broker
        self._queue = queue
        self._before = NOT_SEEN
        self._after: Observed | None = None

    async def begin(self) -> None:
        """The trial begins: what there is now, was there before."""
        self._before = await self._observed() or NOT_SEEN

    async def keys_gone(self) -> Fault | None:
        """That the trial's queue was removed under it; None if it is there, or where that cannot be seen."""
        return self._of_keys(await self._observed()) if self._before.is_bound else None

    async def look(self) -> None:
        """The trial has lost something: see what waits before the workers are asked what they have executed.

        A message that is on its way into a worker waits nowhere; after a moment it has been executed.
        """
        self._after = await self._observed()
        await asyncio.sleep(SETTLES_S)

    async def behind(self, trial: Trial, losses: Losses) -> Fault | None:
        """What others did, where that explains what the trial lost: not every loss comes of it."""
        now = self._after or await self._observed()
        if now is None:
            return None
        if (trial.lost or _may_be_of_broker(trial)) and (fault := self._of_keys(now)) is not None:
            return fault
        waiting = (now.waiting or 0) + (0 if now.knows_held else losses.held)
        vanished = losses.never_executed - waiting if now.waiting is not None else 0
        if not (vanished > 0 or _may_be_of_broker(trial) or (losses.unanswered and not _too_much(trial, now))):
            return None
        if (evicted := now.evicted - self._before.evicted) > 0:
            return self._fault(f"{EVICTED.format(evicted)}.")
        if (refused := now.refused - self._before.refused) > 0:
            return self._fault(f"{self._shown} {REFUSED.format(refused)}.")
        if executed := self._executed(now):
            return self._fault(f"others executed {executed} on {self._shown} during the trial.")
        if vanished <= 0:
            return None
        return self._fault(
            f"{vanished} requests have vanished from {self._shown}: no worker executed them, and they wait there no "
            "more. Has somebody removed them (DEL, purge), or do other workers take from that queue?"
        )

    def _of_keys(self, now: Observed | None) -> Fault | None:
        if now is None or now.is_bound or not self._before.is_bound:
            return None
        if (evicted := now.evicted - self._before.evicted) > 0:
            how = EVICTED.format(evicted)
        elif executed := self._executed(now):
            how = f"others executed {executed} there during the trial"
        else:
            how = "somebody removed it"
        return self._fault(f"the queue of the trial is gone from {self._shown}: {how}.")

    def _executed(self, now: Observed) -> str:
        """The commands since the trial began, with how often; empty where there were none."""
        since = {name: count - self._before.commands.get(name, 0) for name, count in now.commands.items()}
        return ", ".join(f"{name} ({count})" for name, count in sorted(since.items()) if count > 0)

    def _fault(self, reason: str) -> Fault:
        is_own = self._broker is not None and self._broker.is_own
        return Fault(reason, service=None, is_own=is_own)

    @property
    def _shown(self) -> str:
        return self._broker.peer.shown if self._broker is not None else ""

    async def _observed(self) -> Observed | None:
        """What the broker says now; None where there is none, or it does not say."""
        if self._broker is None or not self._queue:
            return None
        try:
            return await ask(self._broker.peer, self._broker.observed, self._queue)
        except ServiceError:
            return None


def _may_be_of_broker(trial: Trial) -> bool:
    return trial.status == "failed" or any(failure.kind.startswith(KINDS) for failure in trial.failures)


def _too_much(trial: Trial, now: Observed) -> bool:
    """Whether more came than was served: then answers come too late, whatever others do."""
    return bool(now.waiting) or any(doubt.kind == UNSUSTAINABLE for doubt in trial.doubts)

"""A driver whose application may be struck: it notes outside of itself what it was asked and what it has answered."""

import asyncio
import signal
from typing import Any

from harness.contenders.contender import Contender, Outcome, Request
from harness.driver.scenario import TOLD, Submit
from harness.loads.shared.issuer import Issuer
from harness.recording.ledger import Event, Ledger


def noting(submit: Submit, ledger: Ledger, trial: int, *, tells: bool = False) -> Submit:
    """The same, with a row for each step of a request.

    It is accepted once the first step of submitting it is over without an error: then it has been published, has been
    written down or has begun, and its caller would be told so. `tells`: the work says itself when that was.
    """

    async def noted(request: Request) -> Outcome:
        def note(event: Event) -> None:
            ledger.note(trial, request.id, event)

        note(Event.OFFERED)
        told = asyncio.Event()
        TOLD.set(told)
        submitted = asyncio.ensure_future(submit(request))
        await (_told(told, submitted) if tells else asyncio.sleep(0))
        if submitted.done() and _failed(submitted):
            note(Event.REFUSED)
            return submitted.result()
        note(Event.ACCEPTED)
        try:
            outcome = await submitted
        except Exception:
            note(Event.FAILED)
            raise
        note(Event.REPLIED if outcome.error is None else Event.FAILED)
        return outcome

    return noted


async def _told(told: asyncio.Event, submitted: "asyncio.Future[Outcome]") -> None:
    """Wait until the caller has been told, or the request is over."""
    waiting = asyncio.ensure_future(told.wait())
    ways: set[asyncio.Future[Any]] = {waiting, submitted}
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:  # the deadline may have ended it
        waiting.cancel()


def _failed(submitted: "asyncio.Future[Outcome]") -> bool:
    return submitted.cancelled() or submitted.exception() is not None or submitted.result().error is not None


class Leaving:
    """What the application does when it is told to end: by default it dies, with a drain it ends in order."""

    def __init__(self, contender: Contender, loop: asyncio.AbstractEventLoop) -> None:
        self.asked = False
        """Whether it was told to end, and will."""
        self._issuer: Issuer | None = None
        if any(setting.drains for setting in contender.tuning):
            loop.add_signal_handler(signal.SIGTERM, self._leave)

    def watch(self, issuer: Issuer) -> None:
        """What is to accept nothing more then."""
        self._issuer = issuer
        if self.asked:
            issuer.stop()

    def _leave(self) -> None:
        self.asked = True
        if self._issuer is not None:
            self._issuer.stop()

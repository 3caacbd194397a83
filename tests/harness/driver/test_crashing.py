"""When a request counts as accepted, in a driver that may be struck."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.contenders.contender import Outcome, Request
from harness.driver.crashing import noting
from harness.driver.scenario import TOLD
from harness.recording.ledger import Event, Ledger

Steps = Callable[[Callable[[], list[Event]]], Awaitable[None]]


async def events(folder: Path, steps: Steps, *, tells: bool) -> list[Event]:
    """What is noted of a request that takes those steps."""
    ledger = Ledger(folder / "ledger")

    def noted() -> list[Event]:
        return [entry.event for entry in ledger.entries(1)]

    async def submit(request: Request) -> Outcome:
        await steps(noted)
        return Outcome()

    try:
        await noting(submit, ledger, 1, tells=tells)(Request(0, {}))
        return noted()
    finally:
        ledger.close()


@pytest.mark.parametrize("tells", [False, True])
async def test_work_that_tells_is_accepted_when_its_caller_has_been_told(tmp_path: Path, tells: bool) -> None:
    """Other work, once its first step is over."""
    seen = []

    async def steps(noted: Callable[[], list[Event]]) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        seen.append(noted())
        TOLD.get().set()
        for _ in range(5):
            await asyncio.sleep(0)
        seen.append(noted())

    ended = await events(tmp_path, steps, tells=tells)
    assert seen == [[Event.OFFERED] if tells else [Event.OFFERED, Event.ACCEPTED], [Event.OFFERED, Event.ACCEPTED]]
    assert ended == [Event.OFFERED, Event.ACCEPTED, Event.REPLIED]


async def test_what_fails_before_that_is_refused(tmp_path: Path) -> None:
    """Its caller has never been told."""

    async def steps(_noted: Callable[[], list[Event]]) -> None:
        await asyncio.sleep(0)
        raise OSError("no application")

    with pytest.raises(OSError, match="no application"):
        await events(tmp_path, steps, tells=True)
    ledger = Ledger(tmp_path / "ledger")
    assert [entry.event for entry in ledger.entries(1)] == [Event.OFFERED, Event.REFUSED]
    ledger.close()

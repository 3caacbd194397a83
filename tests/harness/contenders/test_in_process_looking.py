"""The loop in which a coroutine is tried ends, whatever the coroutine has started."""

import asyncio

import pytest

from harness.contenders.in_process import looking
from harness.errors import UsageError
from harness.jobs.spec import Called

started: set["asyncio.Task[None]"] = set()


async def for_ever() -> None:
    """Ignores that it is cancelled."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


async def calls(work: bool) -> list[Called]:
    """Starts a task that goes on."""
    started.add(asyncio.ensure_future(for_ever() if work else asyncio.Event().wait()))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    return [Called(number=0)]


def test_a_task_that_cannot_be_cancelled_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, rather than waited for."""
    monkeypatch.setattr(looking, "END_S", 0.01)
    with pytest.raises(UsageError, match="do not end when they are cancelled: for_ever"):
        looking._in_a_loop(calls(True))


def test_a_task_that_can_is_cancelled() -> None:
    """And no fault."""
    assert looking._in_a_loop(calls(False)) == [Called(number=0)]

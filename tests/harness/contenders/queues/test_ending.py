"""What is to end does, also where a cancellation is swallowed."""

import asyncio

import pytest

from harness.contenders.queues import ending
from harness.contenders.queues.ending import end


@pytest.mark.parametrize("swallowed", [0, 1, 3])
async def test_a_task_ends_that_swallows_cancellations(monkeypatch: pytest.MonkeyPatch, swallowed: int) -> None:
    """Whoever cancelled it once and waited would wait for ever."""
    monkeypatch.setattr(ending, "AGAIN_S", 0.0)
    left = swallowed

    async def waiting() -> None:
        nonlocal left
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if not left:
                    raise
                left -= 1

    task = asyncio.create_task(waiting())
    await asyncio.sleep(0)
    await asyncio.wait_for(end(task), 20)
    assert (task.cancelled(), left) == (True, 0)


async def test_a_task_that_has_ended_is_left_alone() -> None:
    """With what it raised."""

    async def failing() -> None:
        raise ValueError("no")

    task = asyncio.create_task(failing())
    await asyncio.wait({task})
    await end(task)
    assert isinstance(task.exception(), ValueError)

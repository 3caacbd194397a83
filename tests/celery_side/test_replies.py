"""A task's reply as a future: what an application with an event loop awaits."""

import asyncio

import pytest
from celery import Celery

from celery_side.replies import reply_of

app = Celery("replies", set_as_current=False)


@app.task
def half(number: int) -> float:
    """Of an even number."""
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number / 2


async def test_it_is_the_tasks_reply() -> None:
    """Once the task has ended."""
    assert await asyncio.wait_for(reply_of(half.apply((4,))), 1) == 2.0


async def test_it_raises_what_the_task_raised() -> None:
    """Kind and text."""
    with pytest.raises(ValueError, match="3 is odd"):
        await asyncio.wait_for(reply_of(half.apply((3,))), 1)


async def test_a_reply_that_nobody_waits_for_any_more_is_dropped() -> None:
    """It came after the future was cancelled."""
    reply = reply_of(half.apply((4,)))
    reply.cancel()
    await asyncio.sleep(0)
    assert reply.cancelled()

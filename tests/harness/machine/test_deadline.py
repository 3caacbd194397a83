"""A deadline: what came in time, what did not, and a cancellation at any moment."""

import asyncio

import pytest

from harness.machine.deadline import in_time

LONG_S = 60.0


async def test_what_comes_in_time_is_given_and_what_it_raises_is_raised() -> None:
    """A future, a coroutine."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    ready.set_result("here")
    assert await in_time(LONG_S, ready) == "here"

    async def wrong() -> None:
        raise LookupError("nobody")

    with pytest.raises(LookupError, match="nobody"):
        await in_time(LONG_S, wrong())


async def test_what_does_not_come_is_cancelled() -> None:
    """Before TimeoutError is raised."""
    ended: list[str] = []

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    with pytest.raises(TimeoutError):
        await in_time(0.0, never())
    assert ended == ["cancelled"]


@pytest.mark.parametrize("rounds", range(5))
async def test_a_cancellation_is_never_lost_to_a_result_that_has_just_come(rounds: int) -> None:
    """So many rounds of the event loop after it: who asks again and again, until there is an answer, ends."""
    answers: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    async def refused() -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        answers.put_nowait(answer)
        await answer

    async def asks_again() -> None:
        while True:
            try:
                await in_time(LONG_S, refused())
            except ConnectionRefusedError:
                continue

    asking = asyncio.create_task(asks_again())
    (await answers.get()).set_exception(ConnectionRefusedError())
    for _ in range(rounds):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait({asking}, timeout=1.0)
    assert asking.cancelled()


async def test_it_ends_in_a_task_that_is_being_cancelled() -> None:
    """What is stopped then has its own time for it."""

    async def stopping() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            try:
                await in_time(0.0, asyncio.Event().wait())
            except TimeoutError:
                return "it took too long"
        return "nothing"

    task = asyncio.create_task(stopping())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "it took too long"

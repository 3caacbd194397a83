"""What the session says to a driver, as moments that the trial waits for; in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import get_args

import pytest

from harness.driver.messages import Abort, Moment, StartLoad, UsageRead
from harness.driver.orders import USAGE_READ_LIMIT_S, Orders
from tests.builders import SilentLink
from tests.running import in_virtual_time


def obeying(link: SilentLink, test: Callable[[Orders, list[str]], Awaitable[None]]) -> None:
    """Run a test while the orders are listened to; the list has each abort that was called back."""

    async def run() -> None:
        orders = Orders(link, asyncio.get_running_loop())
        aborts: list[str] = []
        listening = asyncio.create_task(orders.listen(lambda: aborts.append(orders.abort_reason or "")))
        await test(orders, aborts)
        listening.cancel()

    in_virtual_time(run())


def passed_s() -> float:
    """Since the test began."""
    return asyncio.get_running_loop().time()


def test_the_load_starts_when_the_session_says() -> None:
    """The first word counts."""

    async def starts(orders: Orders, aborts: list[str]) -> None:
        assert await orders.start_ns(30) == 7
        assert await orders.start_ns(30) == 7

    obeying(SilentLink(StartLoad(7), StartLoad(8)), starts)


def test_the_window_begins_by_a_word_of_its_own() -> None:
    """And an abort ends the wait for it."""

    async def begins(orders: Orders, aborts: list[str]) -> None:
        assert (await orders.start_ns(30), await orders.start_ns(30, "window")) == (7, 9)

    async def aborted(orders: Orders, aborts: list[str]) -> None:
        assert await orders.start_ns(30, "window") == 0

    obeying(SilentLink(StartLoad(7), StartLoad(9, "window")), begins)
    obeying(SilentLink(Abort("enough")), aborted)


def test_a_session_that_says_nothing_is_not_waited_for_for_ever() -> None:
    """It is an error where the load should start; where it reads usage, the trial goes on without."""

    async def silence(orders: Orders, aborts: list[str]) -> None:
        with pytest.raises(TimeoutError):
            await orders.start_ns(30)
        assert passed_s() == pytest.approx(30)
        await orders.usage_read("closed")
        assert passed_s() == pytest.approx(30 + USAGE_READ_LIMIT_S)

    obeying(SilentLink(), silence)


def test_usage_is_waited_for_by_its_moment() -> None:
    """What was read between the parts of a load is not what is read at its end."""

    async def reads(orders: Orders, aborts: list[str]) -> None:
        await orders.usage_read("between")
        assert passed_s() == 0
        await orders.usage_read("closed")
        assert passed_s() == pytest.approx(USAGE_READ_LIMIT_S)

    obeying(SilentLink(UsageRead(after="between")), reads)


def test_an_abort_ends_every_wait() -> None:
    """And is called back once its reason is known."""

    async def ends(orders: Orders, aborts: list[str]) -> None:
        await orders.start_ns(30)
        for moment in get_args(Moment):
            await orders.usage_read(moment)
        assert passed_s() == 0
        assert aborts == ["the workers have died"]

    obeying(SilentLink(Abort("the workers have died")), ends)

"""The driver's clocks: the machine's, and the virtual one that the harness's own tests run on."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clock import NS, MachineClock, VirtualClock, VirtualLoop
from tests.running import in_virtual_time


def virtual_clock() -> VirtualClock:
    """The clock of the loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return VirtualClock(loop)


@pytest.mark.timeout(20)
def test_waiting_a_virtual_day_takes_no_real_time() -> None:
    """The test's own limit of 20 s is what would end it."""

    async def main() -> int:
        await asyncio.sleep(86400)
        return virtual_clock().now()

    assert in_virtual_time(main()) == 86400 * NS


def test_virtual_time_stands_still_while_work_is_ready() -> None:
    """However much is done, only waiting moves the clock."""

    async def main() -> int:
        for _ in range(1000):
            await asyncio.sleep(0)
        return virtual_clock().now()

    assert in_virtual_time(main()) == 0


@settings(max_examples=30)
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=20))
def test_virtual_waits_end_in_order_and_on_time(waits_ms: list[int]) -> None:
    """Each wait ends at its own time, the shorter first; two runs give the same stamps."""

    async def main() -> list[tuple[int, int]]:
        clock, ends = virtual_clock(), list[tuple[int, int]]()

        async def one(wait_ms: int) -> None:
            await asyncio.sleep(wait_ms / 1000)
            ends.append((wait_ms, clock.now()))

        await asyncio.gather(*map(one, waits_ms))
        return ends

    ends = in_virtual_time(main())
    assert [wait_ms for wait_ms, _ in ends] == sorted(waits_ms)
    assert all(at == pytest.approx(wait_ms * 1e6, abs=len(waits_ms) + 1) for wait_ms, at in ends)
    assert in_virtual_time(main()) == ends


def test_the_virtual_clock_waits_until_a_moment() -> None:
    """It returns at that moment, and at once where that has passed."""

    async def main() -> tuple[int, int]:
        clock = virtual_clock()
        await clock.wait_until(3 * NS)
        then = clock.now()
        await clock.wait_until(1 * NS)
        return then, clock.now()

    assert in_virtual_time(main()) == (3 * NS, 3 * NS)


def test_a_virtual_wait_can_be_ended_early() -> None:
    """`wake` ends the wait that goes on; without one it does nothing."""

    async def main() -> int:
        clock = virtual_clock()
        clock.wake()
        asyncio.get_running_loop().call_later(1, clock.wake)
        await clock.wait_until(3600 * NS)
        return clock.now()

    assert in_virtual_time(main()) == 1 * NS


async def test_the_machine_clock_never_returns_early() -> None:
    """Event loops round timers to a millisecond; the clock's waits of a few µs end at their time or after it."""
    clock = MachineClock()
    for wait_ns in (1, 1_000, 300_000, 1_700_000):
        due = clock.now() + wait_ns
        await clock.wait_until(due)
        assert clock.now() >= due
    clock.close()


async def test_the_machine_clock_returns_at_once_for_the_past() -> None:
    """A moment that has passed needs no timer: there is nothing to close."""
    clock = MachineClock()
    await clock.wait_until(clock.now() - NS)
    assert clock._fd is None
    clock.close()


@pytest.mark.timeout(20)
async def test_a_machine_wait_can_be_ended_early() -> None:
    """`wake` ends a wait of an hour; the next wait is exact again."""
    clock = MachineClock()
    asyncio.get_running_loop().call_soon(clock.wake)
    await clock.wait_until(clock.now() + 3600 * NS)
    due = clock.now() + 1_000_000
    await clock.wait_until(due)
    assert clock.now() >= due
    clock.close()
    clock.close()

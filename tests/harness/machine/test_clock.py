"""The driver's clocks: the machine's, and the virtual one that the harness's own tests run on."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.machine.clock import NS, Clock, LoopClock, MachineClock, VirtualClock, VirtualLoop
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


async def called_at(clock: Clock, due_ns: int) -> int:
    """When the clock really called back."""
    called: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    clock.call_at(due_ns, lambda: called.set_result(clock.now()))
    return await called


def test_the_virtual_clock_calls_at_a_moment() -> None:
    """It calls back at that moment, and at once where that has passed."""

    async def main() -> list[int]:
        clock = virtual_clock()
        return [await called_at(clock, 3 * NS), await called_at(clock, 1 * NS)]

    assert in_virtual_time(main()) == [3 * NS, 3 * NS]


def test_a_virtual_call_can_be_called_off() -> None:
    """What was called off, or replaced by a later call, never comes; without one, `call_off` does nothing."""

    async def main() -> list[str]:
        clock, came = virtual_clock(), list[str]()
        clock.call_off()
        clock.call_at(1 * NS, lambda: came.append("replaced"))
        clock.call_at(2 * NS, lambda: came.append("last"))
        await asyncio.sleep(3)
        clock.call_at(4 * NS, lambda: came.append("called off"))
        clock.call_off()
        await asyncio.sleep(3)
        return came

    assert in_virtual_time(main()) == ["last"]


@pytest.mark.parametrize("kind", [MachineClock, LoopClock])
@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_the_machine_clock_never_calls_early(
    kind: type[Clock], new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Event loops round timers to a millisecond; the clock's calls after a few µs come at their time or after it."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(calls_in_time(kind()))


async def calls_in_time(clock: Clock) -> None:
    """At due times near and far."""
    for wait_ns in (-NS, 1, 1_000, 300_000, 1_700_000):
        due = clock.now() + wait_ns
        assert await called_at(clock, due) >= due
    clock.close()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", [MachineClock, LoopClock])
async def test_a_machine_call_can_be_called_off(kind: type[Clock]) -> None:
    """What was called off never comes, the timer is emptied, and the next call is exact again."""
    clock, came = kind(), list[int]()
    clock.call_at(clock.now(), lambda: came.append(1))
    clock.call_off()
    await asyncio.sleep(0.01)
    due = clock.now() + 1_000_000
    assert await called_at(clock, due) >= due
    assert came == []
    clock.close()
    clock.close()


@pytest.mark.parametrize("kind", [MachineClock, LoopClock])
async def test_the_machine_clock_calls_again_from_a_call(kind: type[Clock]) -> None:
    """A call that asks for the next one, in the future or in the past, has each come once."""
    clock, came = kind(), list[int]()
    finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def again() -> None:
        came.append(clock.now())
        if len(came) < 20:
            clock.call_at(clock.now() + (200_000 if len(came) % 2 else -NS), again)
        else:
            finished.set_result(None)

    clock.call_at(clock.now(), again)
    await finished
    await asyncio.sleep(0.01)
    assert len(came) == 20
    clock.close()

"""How late an event loop is: exactly where it meters its rounds, by timers where it does not."""

import asyncio

import pytest

from harness.driver import loop_lag
from harness.driver.loop_lag import LoopUse, RoundsWatch, TimersWatch, lag_ms, use_of, watch_of
from harness.machine.clock import VirtualLoop
from harness.machine.metered_loop import MeteredLoop

MS = 1_000_000


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no thread waits for a core."""
    monkeypatch.setattr(loop_lag, "waited_for_a_core_s", lambda: 0.0)


def test_a_loop_that_blocks_half_of_the_time() -> None:
    """Ten rounds of 50 ms in a second: of every moment, one in a hundred waits for 49 ms or longer."""
    use = use_of([(50 * MS, 10)], 1.0, 0.0)
    assert use is not None
    assert [use.busy, use.blocked] == pytest.approx([0.5, 0.5])
    assert [use.lag.p50, use.lag.p99, use.lag.max] == pytest.approx([0.0, 49.0, 50.0])


def test_many_short_rounds_keep_a_loop_busy_without_blocking_it() -> None:
    """0.1 ms at a time: nothing waits for longer."""
    use = use_of([(100_000, 9_900)], 1.0, 0.0)
    assert use is not None
    assert [use.busy, use.blocked] == pytest.approx([0.99, 0.0])
    assert use.lag.p99 == pytest.approx(0.1, abs=0.002)


def test_the_wait_for_a_core_is_nobodys_work() -> None:
    """A thread that others keep from running is late, but its loop is not blocked by the work."""
    use = use_of([(50 * MS, 10)], 1.0, 0.48)
    assert use is not None
    assert use.blocked == pytest.approx(0.02)
    assert use.lag.p99 == pytest.approx(49.0)


@pytest.mark.parametrize(("later_ms", "lag"), [(0, 30.0), (10, 20.0), (20, 15.0), (40, 5.0), (60, 0.0)])
def test_lag_is_what_something_that_gets_ready_at_any_moment_waits(later_ms: int, lag: float) -> None:
    """Rounds of 30, 20 and 0 ms: they are longer than 15 ms by 20 ms in all."""
    assert lag_ms([(30 * MS, 1), (20 * MS, 1), (0, 7)], later_ms / 1000) == pytest.approx(lag)


def test_without_rounds_there_is_no_lag() -> None:
    """And without a window there is nothing to say."""
    assert use_of([], 1.0, 0.0) == LoopUse(use_of([(0, 1)], 1.0, 0.0).lag, 0.0, 0.0)  # type: ignore[union-attr]
    assert use_of([(MS, 1)], 0.0, 0.0) is None


def watched(seconds: float, *, block_s: float = 0.0, every_s: float = 1.0) -> tuple[LoopUse | None, int]:
    """What timers see of a loop in virtual time that is blocked every now and then, and how often they woke it."""
    loop = VirtualLoop()
    watch = watch_of(loop)
    assert isinstance(watch, TimersWatch)

    def block() -> None:
        loop._virtual.now_ns += int(block_s * 1e9)
        loop.call_later(every_s - block_s, block)

    if block_s:
        loop.call_later(every_s / 3, block)
    watch.start()
    loop.run_until_complete(asyncio.sleep(seconds))
    use = watch.stop()
    loop.close()
    return use, len(watch._seen)


def test_timers_rarely_wake_a_loop_that_is_never_late() -> None:
    """Ten seconds: fewer than three wakes a second, where a hundred cost 13 ms of CPU a second."""
    use, wakes = watched(10.0)
    assert use is not None
    assert (use.blocked, use.busy) == (0.0, None)
    assert use.lag.max == pytest.approx(0.0, abs=1e-6)
    assert wakes < 25


def test_timers_see_a_loop_that_is_nearly_always_blocked() -> None:
    """45 of every 50 ms, over two seconds."""
    use, _ = watched(2.0, block_s=0.045, every_s=0.05)
    assert use is not None
    assert use.blocked > 0.6
    assert use.lag.p99 > 20


def test_timers_that_never_fired_say_nothing() -> None:
    """A window that is too short for one."""
    assert watched(0.001)[0] is None


def test_the_standard_loop_is_watched_without_timers() -> None:
    """It meters its rounds itself."""
    with asyncio.Runner(loop_factory=MeteredLoop) as runner:
        assert isinstance(watch_of(runner.get_loop()), RoundsWatch)

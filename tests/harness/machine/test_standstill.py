"""How long the session's process stood still."""

import asyncio

import pytest

from harness.machine import standstill
from harness.machine.standstill import Standstill


class Clocks:
    """The clocks of a machine, which a test sets."""

    def __init__(self) -> None:
        self.monotonic_s = 100.0
        self.wall_s = 1000.0
        self.boot_s = 100.0

    def monotonic(self) -> float:
        """Stands still while the machine is suspended."""
        return self.monotonic_s

    def time(self) -> float:
        """The wall clock."""
        return self.wall_s

    def clock_gettime(self, _: int) -> float:
        """Since the boot, suspended or not."""
        return self.boot_s

    def go_on(self, seconds: float) -> None:
        """All of them."""
        self.monotonic_s += seconds
        self.wall_s += seconds
        self.boot_s += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """In place of the machine's."""
    made = Clocks()
    monkeypatch.setattr(standstill, "time", made)
    return made


def watched(clocks: Clocks, *ticks_s: float, suspended_s: float = 0.0, paused_s: float = 0.0) -> float:
    """The longest standstill while each tick came after that time, and the last one not at all."""
    left_s = list(ticks_s)

    async def sleep(_: float) -> None:
        clocks.go_on(left_s.pop(0))
        if not left_s:
            await asyncio.Event().wait()

    async def main() -> float:
        watching = Standstill(sleep)
        watching.start()
        await asyncio.sleep(0)
        clocks.boot_s += suspended_s
        clocks.wall_s += suspended_s + paused_s
        return watching.stop()

    return asyncio.run(main())


def test_ticks_that_come_in_time_are_no_standstill(clocks: Clocks) -> None:
    """A tick is due every 20 ms."""
    assert watched(clocks, 0.02, 0.02, 0.02) == pytest.approx(0)


def test_the_latest_tick_is_the_longest_standstill(clocks: Clocks) -> None:
    """Also the one that is still due when the window closes."""
    assert watched(clocks, 0.02, 0.32, 0.02) == pytest.approx(0.3)
    assert watched(clocks, 0.02, 0.22) == pytest.approx(0.2)


def test_clocks_that_go_apart_show_a_machine_that_was_suspended_or_paused(clocks: Clocks) -> None:
    """No tick is late then: the monotonic clock stood still too."""
    assert watched(clocks, 0.02, suspended_s=2.0) == pytest.approx(2.0)
    assert watched(clocks, 0.02, paused_s=1.0) == pytest.approx(1.0)
    assert watched(clocks, 0.02, paused_s=-0.5) == pytest.approx(0.5)

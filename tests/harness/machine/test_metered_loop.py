"""The metered loop: how long its rounds took, by a clock that only callbacks turn forward."""

import asyncio

import pytest

from harness.machine import metered_loop
from harness.machine.metered_loop import MeteredLoop, RoundMeter

MS = 1_000_000


class HandClock:
    """Stands still unless it is turned."""

    now_ns = 1

    def __call__(self) -> int:
        """Nanoseconds."""
        return self.now_ns


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    """The clock of the meter."""
    made = HandClock()
    monkeypatch.setattr(metered_loop, "monotonic_ns", made)
    return made


def held(clock: HandClock, *rounds_ms: float) -> list[tuple[int, int]]:
    """The rounds that the meter saw of coroutines that hold the loop for so long, with a wait in between."""

    async def main(meter: RoundMeter) -> list[tuple[int, int]]:
        meter.start()
        for ms in rounds_ms:
            clock.now_ns += int(ms * MS)
            await asyncio.sleep(0)
        return meter.stop()

    with asyncio.Runner(loop_factory=MeteredLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, MeteredLoop)
        return [(round_ns, count) for round_ns, count in runner.run(main(loop.meter)) if round_ns]


def test_long_rounds_are_kept_one_by_one(clock: HandClock) -> None:
    """However different they are."""
    assert held(clock, 50.0, 1.0, 7.5) == [(50 * MS, 1), (1 * MS, 1), (int(7.5 * MS), 1)]


def test_short_rounds_are_kept_by_their_mean(clock: HandClock) -> None:
    """However many: those of about one length as one entry."""
    assert held(clock, *[0.3] * 500, 0.02) == [(20_000, 1), (300_000, 500)]


def test_nothing_is_metered_outside_the_window(clock: HandClock) -> None:
    """Neither before it nor after it; and a second window starts from nothing."""

    async def main(meter: RoundMeter) -> list[list[tuple[int, int]]]:
        windows = []
        for ms in (5, 9):
            clock.now_ns += 100 * MS
            await asyncio.sleep(0)
            meter.start()
            clock.now_ns += ms * MS
            await asyncio.sleep(0)
            windows.append([one for one in meter.stop() if one[0]])
        return windows

    with asyncio.Runner(loop_factory=MeteredLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, MeteredLoop)
        assert runner.run(main(loop.meter)) == [[(5 * MS, 1)], [(9 * MS, 1)]]


def test_a_round_that_waited_for_a_core_was_not_held_for_that_long(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60 ms of which others had the core for 55 are no block; 40 ms of which they had it for 5 are 35 ms of one."""
    waited = HandClock()
    monkeypatch.setattr(metered_loop, "waited_for_a_core_ns", waited)

    async def main(meter: RoundMeter) -> tuple[int, int, list[tuple[int, int]]]:
        meter.start()
        for round_ms, waited_ms in ((60, 55), (40, 5), (9, 0)):
            clock.now_ns += round_ms * MS
            waited.now_ns += waited_ms * MS
            await asyncio.sleep(0)
        rounds = meter.stop()
        return meter.blocked_ns, meter.longest_ns, [one for one in rounds if one[0]]

    with asyncio.Runner(loop_factory=MeteredLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, MeteredLoop)
        blocked_ns, longest_ns, rounds = runner.run(main(loop.meter))
    assert (blocked_ns, longest_ns) == (35 * MS, 35 * MS)
    assert rounds == [(60 * MS, 1), (40 * MS, 1), (9 * MS, 1)]

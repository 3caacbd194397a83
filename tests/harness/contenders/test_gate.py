"""The pause of what executes in the driver's own event loop."""

import asyncio
from typing import Any

import pytest

from harness.contenders.contender import Outcome, Request
from harness.contenders.in_process.coroutines import InProcess, InSlots, in_process

BATCH = 5


class Work:
    """Counts what was begun."""

    def __init__(self) -> None:
        self.begun = 0

    async def __call__(self, **payload: Any) -> int:
        """Reply with the count."""
        self.begun = mine = self.begun + 1
        await asyncio.sleep(0)
        return mine


@pytest.mark.parametrize("slots", [None, 2])
def test_nothing_is_executed_between_pause_and_resume(slots: int | None) -> None:
    """Then everything that was submitted, with the moment of its submission as the end of publishing."""
    work = Work()
    side = in_process(work, slots)
    assert isinstance(side, InProcess if slots is None else InSlots)

    async def main() -> tuple[int, list[Outcome]]:
        await side.pause()
        tasks = [asyncio.create_task(side.submit(Request(number, {}))) for number in range(BATCH)]
        for _ in range(10):
            await asyncio.sleep(0)
        begun = work.begun
        await side.resume()
        return begun, await asyncio.gather(*tasks)

    begun, outcomes = asyncio.run(main())
    assert begun == 0
    assert work.begun == BATCH
    assert sorted(outcome.reply for outcome in outcomes) == list(range(1, BATCH + 1))
    assert all(0 < outcome.publish_end_ns <= outcome.exec_start_ns for outcome in outcomes)


def test_what_comes_after_the_pause_passes_at_once() -> None:
    """And resuming what was not paused changes nothing."""
    side = in_process(Work(), 2)

    async def main() -> Outcome:
        await side.resume()
        await side.pause()
        await side.resume()
        return await side.submit(Request(0, {}))

    assert asyncio.run(main()).reply == 1

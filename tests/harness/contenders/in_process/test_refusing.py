"""An application that refuses what is too much."""

import asyncio
from typing import Any

from harness.contenders.contender import Request
from harness.contenders.in_process.coroutines import in_process
from harness.contenders.in_process.refusing import Refusing
from workloads.side import AsyncioSide


def test_what_comes_while_so_many_are_under_way_is_refused_at_once() -> None:
    """Waiting ones count; once they are through, others are taken again."""
    shut = asyncio.Event()

    async def work(**payload: Any) -> str:
        await shut.wait()
        return "done"

    async def main() -> list[str | None]:
        side = Refusing(in_process(AsyncioSide(run=work), slots=1), 2)
        under_way = [asyncio.create_task(side.submit(Request(number, {}))) for number in range(2)]
        await asyncio.sleep(0)
        refused = await side.submit(Request(2, {}))
        shut.set()
        done = [await task for task in under_way]
        later = await side.submit(Request(3, {}))
        return [outcome.error for outcome in (*done, refused, later)]

    assert asyncio.run(main()) == [None, None, "Refused: 2 requests are under way", None]

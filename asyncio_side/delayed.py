"""asyncio: the loop calls back at a moment of its own clock."""

import asyncio

from workloads.side import AsyncioSide


async def delayed(delay_s: float, number: int) -> int:
    """Have it happen after the delay; reply when it has."""
    loop = asyncio.get_running_loop()
    happened: asyncio.Future[int] = loop.create_future()

    def happen() -> None:
        if not happened.done():  # it may have been cancelled at the very moment
            happened.set_result(number)

    timer = loop.call_at(loop.time() + delay_s, happen)
    try:
        return await happened
    finally:
        timer.cancel()


SIDE = AsyncioSide(run=delayed)

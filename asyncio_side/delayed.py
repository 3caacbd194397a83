"""asyncio: the event loop runs a callback at a given time of its clock."""

import asyncio

from workloads.side import AsyncioSide


async def delayed(delay_s: float, number: int) -> int:
    """Schedule a callback after `delay_s`; return `number` when it has run."""
    loop = asyncio.get_running_loop()
    happened: asyncio.Future[int] = loop.create_future()

    def happen() -> None:
        if not happened.done():  # it may just have been cancelled
            happened.set_result(number)

    timer = loop.call_at(loop.time() + delay_s, happen)
    try:
        return await happened
    finally:
        timer.cancel()


SIDE = AsyncioSide(run=delayed)

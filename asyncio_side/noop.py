"""asyncio: a coroutine that does nothing."""

from workloads.side import AsyncioSide


async def noop(data: str = "") -> None:
    """Return at once."""


SIDE = AsyncioSide(run=noop)

"""asyncio: a coroutine that does nothing."""


async def noop(data: str = "") -> None:
    """Return at once."""

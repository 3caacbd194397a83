"""asyncio: a coroutine that does nothing."""


async def noop() -> None:
    """Return at once."""

"""streaQ: a task queue on Redis streams, whose worker runs the asyncio side's coroutines."""

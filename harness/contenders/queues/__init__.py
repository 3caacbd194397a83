"""What references share that run the asyncio side's coroutines in a worker process, behind a queue in Redis."""

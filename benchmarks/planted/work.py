"""The work as a coroutine: nothing but what is planted."""

import sys

from benchmarks.planted.plants import QUEUE_WORKER, in_queue_worker, strike, strike_before_tasks

IN_QUEUE_WORKER = in_queue_worker()

if "celery" in sys.modules:
    strike_before_tasks()


async def work() -> int:
    """In the worker of queue-bare, what is planted there."""
    if IN_QUEUE_WORKER:
        strike(QUEUE_WORKER)
    return 1

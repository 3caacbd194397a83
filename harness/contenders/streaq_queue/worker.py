"""`python -m harness.contenders.streaq_queue.worker`: streaQ's worker in this process's event loop.

At least once: a message is acknowledged once its result is stored, and claimed again after a minute without a sign.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

from coredis.exceptions import RedisError

from harness.contenders.queues.coroutines import Coroutines
from harness.contenders.queues.messages import Place
from harness.contenders.queues.process import own_place, work
from harness.contenders.streaq_queue.queue import queue_of

RESULT_EXPIRES_S = 60
"""Nobody removes a result that has been read."""


async def run(place: Place) -> None:
    """Until SIGTERM, or until the run ends."""
    queue = queue_of(place.url, place.queue, place.slots)
    async with AsyncExitStack() as shared:
        coroutines = Coroutines(place, shared)
        for workload in coroutines.workloads:
            queue.task(name=workload, ttl=RESULT_EXPIRES_S, silent=True)(coroutines.task_of(workload))
        await work(place, coroutines, queue.run_async())


def main() -> None:
    """Work as the environment says."""
    place, lost = own_place(), ""
    try:
        asyncio.run(run(place))
    except* RedisError as errors:
        lost = str(errors.exceptions[0])
    if lost:
        sys.exit(f"Redis cannot be reached any more: {lost}")


if __name__ == "__main__":
    main()

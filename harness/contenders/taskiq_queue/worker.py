"""`python -m harness.contenders.taskiq_queue.worker`: taskiq's receiver, as each process of `taskiq worker` runs it.

At least once: a message is acknowledged once its result is stored, and handed out again after ten idle minutes.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

from redis import exceptions as redis_errors
from taskiq.receiver import Receiver

from harness.contenders.queues.coroutines import Coroutines
from harness.contenders.queues.messages import Place
from harness.contenders.queues.process import own_place, work
from harness.contenders.taskiq_queue.broker import broker_of


async def run(place: Place) -> None:
    """Until SIGTERM, or until the run ends; what runs then may end."""
    broker = broker_of(place.url, place.key_prefix, place.queue, place.slots)
    broker.is_worker_process = True
    stopping = asyncio.Event()
    async with AsyncExitStack() as shared:
        coroutines = Coroutines(place, shared)
        for workload in coroutines.workloads:
            broker.register_task(coroutines.task_of(workload), task_name=workload)
        receiver = Receiver(broker, validate_params=False, max_async_tasks=place.slots)
        try:
            await work(place, coroutines, receiver.listen(stopping), stopping.set)
        finally:
            await broker.shutdown()


def main() -> None:
    """Work as the environment says."""
    place, lost = own_place(), ""
    try:
        asyncio.run(run(place))
    except* redis_errors.RedisError as errors:
        lost = str(errors.exceptions[0])
    if lost:
        sys.exit(f"Redis cannot be reached any more: {lost}")


if __name__ == "__main__":
    main()

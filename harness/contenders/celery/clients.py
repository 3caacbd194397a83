"""Opens the client that suits how a side publishes its requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.contenders.celery.batching import BatchingClient
from harness.contenders.celery.beat_client import BeatClient
from harness.contenders.celery.canvas import CanvasClient
from harness.contenders.celery.client import CeleryClient
from harness.contenders.celery.config import configure, settings_of
from harness.contenders.celery.orchestrating import OrchestratingClient
from harness.contenders.contender import Assignment
from harness.contenders.sides.declaration import celery_side
from workloads.side import CelerySide


@asynccontextmanager
async def celery_client(assignment: Assignment) -> AsyncIterator[CeleryClient]:
    """Connect to the broker, start the drainer, stop it at the end."""
    assert assignment.broker is not None
    app = configure(assignment.broker, assignment.queue, assignment.tuning)
    side = celery_side(assignment.workload)
    client = client_for(side, assignment)(app, side, assignment, asyncio.get_running_loop())
    client.start()
    try:
        yield client
    finally:
        client.stop()


def client_for(side: CelerySide, assignment: Assignment) -> type[CeleryClient]:
    """The kind of client that publishes what that side declares."""
    if side.canvas is not None:
        return CanvasClient
    if side.request is not None:
        return OrchestratingClient
    if side.beat_schedule is not None:
        return BeatClient
    batches = any(setting.batch for setting in settings_of(assignment.tuning))
    return BatchingClient if batches else CeleryClient

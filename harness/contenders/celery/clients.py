"""Opens the client that suits how a side publishes its requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

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
    app = configure(assignment.required_broker, assignment.queue, assignment.tuning)
    client = client_for(app, celery_side(assignment.workload), assignment)
    client.start()
    try:
        yield client
    finally:
        client.stop()


def client_for(app: Any, side: CelerySide, assignment: Assignment) -> CeleryClient:
    """The client that publishes requests as that side declares."""
    if side.canvas is not None:
        return CanvasClient(app, side, assignment, side.canvas)
    if side.request is not None:
        return OrchestratingClient(app, side, assignment, side.request)
    if side.beat_schedule is not None:
        return BeatClient(app, side, assignment, side.beat_schedule)
    if any(setting.batch for setting in settings_of(assignment.tuning)):
        return BatchingClient(app, side, assignment)
    return CeleryClient(app, side, assignment)

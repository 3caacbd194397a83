"""Opens the client that suits how a side publishes its requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from harness import registry
from harness.contenders.celery.batching import BatchingClient
from harness.contenders.celery.beat_client import BeatClient
from harness.contenders.celery.canvas import CanvasClient
from harness.contenders.celery.chunk_client import ChunkClient
from harness.contenders.celery.client import CeleryClient
from harness.contenders.celery.config import configure, settings_of
from harness.contenders.celery.lean.client import LeanClient
from harness.contenders.celery.orchestrating import OrchestratingClient
from harness.contenders.celery.producers import BATCH, producer_asked, producer_of
from harness.contenders.contender import Assignment
from harness.contenders.settings.celery_changes import chunk_of
from harness.contenders.settings.celery_setting import CHUNK
from harness.contenders.sides.declaration import celery_side
from harness.jobs import registered
from harness.results.model import LEAN
from harness.services.brokers.broker import BrokerPlace, peer_of
from harness.services.calls import as_service_error
from workloads.side import CelerySide

Client = CeleryClient | LeanClient


@asynccontextmanager
async def celery_client(assignment: Assignment) -> AsyncIterator[CeleryClient | LeanClient]:
    """Connect to the broker, start what takes results, stop it at the end."""
    place = assignment.required_broker
    if registered.find(assignment.workload) is not None:
        from harness.contenders.celery.own.replacing import configured

        own = configured(assignment.workload, place, assignment.queue, assignment.tuning, worker=False)
        client = client_for(own.app, own.side, assignment, own=True)
    else:
        app = configure(place, assignment.queue, assignment.tuning)
        client = client_for(app, celery_side(assignment.workload), assignment)
    async with _started(client, place) as started:
        yield started


@asynccontextmanager
async def client_of(assignment: Assignment, side: CelerySide) -> AsyncIterator[CeleryClient | LeanClient]:
    """The same for what another side declares, as tasks of the workbench's own application."""
    app = configure(assignment.required_broker, assignment.queue, assignment.tuning)
    client = client_for(app, side, assignment)
    async with _started(client, assignment.required_broker) as started:
        yield started


@asynccontextmanager
async def _started(client: Client, place: BrokerPlace) -> AsyncIterator[Client]:
    with as_service_error(peer_of(place.url)):
        client.start()
    try:
        yield client
    finally:
        client.stop()


def client_for(app: Any, side: CelerySide, assignment: Assignment, *, own: bool = False) -> CeleryClient | LeanClient:
    """The client that publishes requests as that side declares. `own`: in an application of the user's own."""
    if side.canvas is not None:
        return CanvasClient(app, side, assignment, side.canvas)
    if side.request is not None:
        return OrchestratingClient(app, side, assignment, side.request)
    if side.beat_schedule is not None:
        return BeatClient(app, side, assignment, side.beat_schedule)
    producer = _producer(side, assignment, own=own)
    if producer == CHUNK:
        return ChunkClient(app, side, assignment, chunk_of(settings_of(assignment.tuning)))
    if producer == LEAN:
        return LeanClient(app, side, assignment)
    return BatchingClient(app, side, assignment) if producer == BATCH else CeleryClient(app, side, assignment)


def _producer(side: CelerySide, assignment: Assignment, *, own: bool) -> str:
    tuning = settings_of(assignment.tuning)
    if own:
        return producer_asked(tuning)
    one_execution = registry.load("workload", assignment.workload).one_execution
    return producer_of(tuning, side, one_execution=one_execution, backlog=assignment.backlog)

"""What a worker of celery-asyncio runs: the usual one, whose tasks are coroutines on one event loop."""

import os

from kombu.utils.json import register_type

from harness import registry
from harness.contenders.celery import worker
from harness.contenders.celery.chunks import add_chunks
from harness.contenders.celery.config import settings_of
from harness.contenders.celery.coroutine_tasks import coroutine_side, together
from harness.contenders.celery.coroutine_workers import NAMES
from harness.contenders.settings.celery_changes import chunk_of
from harness.jobs.differences import as_json

register_type(object, None, as_json)
"""A coroutine returns what it likes, such as models; it arrives as it is compared."""
app = worker.app
app.conf.include = []
names = os.environ[NAMES].split() or registry.names("workload")
tasks = [coroutine_side(name).task for name in names]
if chunk_of(settings_of(worker.tuning)):
    add_chunks(app, {name: together(name, worker.executions.add) for name in names})

"""What a worker runs whose tasks carry several payloads: the usual one, with a task for chunks of each workload."""

from harness import registry
from harness.contenders.celery import worker
from harness.contenders.celery.chunks import add_chunks, one_after_another

app = worker.app
names = worker.tasks or registry.shipped("workload")
add_chunks(app, {name: one_after_another(name, worker.executions.add) for name in names})

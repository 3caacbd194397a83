"""What a worker that waits for runs runs: the worker of a run, which can be leased.

It waits on a queue on which nothing is ever put; the run that leases it names the queue from which it takes tasks.
"""

from typing import Any

from celery.worker.control import inspect_command

from harness.contenders.celery import worker
from harness.contenders.celery.answers import DESCRIBE
from harness.contenders.celery.fleet.alone import have_name
from harness.contenders.celery.fleet.leased import Leased
from harness.contenders.celery.queues import know, remove_at_end, waiting_queue

have_name(worker.queue, worker.place)
app = worker.app
leased = Leased(app, worker.place)
leased.guard("add_consumer", "cancel_consumer")
waiting = waiting_queue(worker.queue, worker.place)
know(app, waiting)
remove_at_end(app, waiting)


@inspect_command(name=DESCRIBE)
def describe(state: Any) -> dict[str, Any]:
    """Who this worker is, the settings that it runs with, and which run has leased it."""
    return {**worker.workbench_describe(state), "held": leased.held()}

"""What the worker of `celery-solo-bare` runs: the harness's own worker, with the settings of Celery's own benchmark.

It is the results that bring the stamps to a driver. Here are none, so this worker keeps the stamps, and hands them
out when asked.
"""

import base64
import zlib
from array import array
from time import monotonic_ns
from typing import Any

from celery.backends.base import DisabledBackend
from celery.worker.control import inspect_command
from kombu.entity import Exchange, Queue

from harness.contenders.celery.backend import START_ATTRIBUTE
from harness.contenders.celery.worker import app

stamps: dict[str, "array[int]"] = {}
"""By trial: number, start and end of each execution."""


class StampedDisabledBackend(DisabledBackend):
    """No backend; execution ends when its result would be about to be stored, as in the harness's own backend."""

    def mark_as_done(self, task_id: str, result: Any, request: Any = None, *args: Any, **kwargs: Any) -> None:
        """Note the stamps; Celery's own goes on."""
        end = monotonic_ns()
        trial, dot, number = task_id.partition(".")
        if dot:
            stamps.setdefault(trial, array("q")).extend((int(number), getattr(request, START_ATTRIBUTE, 0), end))
        super().mark_as_done(task_id, result, request, *args, **kwargs)


@inspect_command()
def bare_stamps(state: Any, trial: int = 0) -> str:
    """Of that trial, what was executed since the last call: number, start and end, 8 bytes each."""
    return base64.b64encode(zlib.compress(stamps.pop(str(trial), array("q")).tobytes(), 1)).decode()


queue = app.conf.task_default_queue
exchange = Exchange(queue)
app.loader.override_backends = {"disabled": f"{__name__}:StampedDisabledBackend"}
app.conf.update(
    result_backend="disabled",
    task_ignore_result=True,
    task_default_delivery_mode=1,
    worker_prefetch_multiplier=0,
    task_queues=[Queue(queue, exchange, routing_key=queue, no_ack=True, durable=False)],
)

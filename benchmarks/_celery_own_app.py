"""Celery's own benchmark (`t/benchmarks/bench_worker.py` in its repository) for Redis; nothing of the harness in it.

`python -m benchmarks._celery_own_app apply N` publishes N no-ops. `… work N` executes them in a solo worker and prints,
as JSON, the moments when its first task began and its last one ended (ns of the monotonic clock), and the CPU-seconds
of the worker in between. The broker is `OWN_BROKER_URL`.
"""

import json
import os
import sys
import time

from celery import Celery
from kombu.entity import Exchange, Queue

QUEUE = "bench.worker"

exchange = Exchange(QUEUE)
app = Celery("celery_own")
app.conf.update(
    broker_url=os.environ.get("OWN_BROKER_URL", "redis://127.0.0.1:6379/0"),
    worker_pool="solo",
    worker_prefetch_multiplier=0,
    task_default_delivery_mode=1,
    task_queues=[Queue(QUEUE, exchange, routing_key=QUEUE, no_ack=True, durable=False)],
    task_default_queue=QUEUE,
    task_serializer="json",
    task_ignore_result=True,
    result_backend=None,
)


class Count:
    """Tasks executed in this process, and when the first began."""

    expected = 0
    done = 0
    begun_ns = 0
    begun_cpu_s = 0.0


@app.task(name="noop", queue=QUEUE)
def noop() -> None:
    """Count; print and end with the last."""
    if not Count.done:
        Count.begun_ns, Count.begun_cpu_s = time.monotonic_ns(), time.process_time()
    Count.done += 1
    if Count.done == Count.expected:
        print(json.dumps([Count.begun_ns, time.monotonic_ns(), time.process_time() - Count.begun_cpu_s]), flush=True)
        os._exit(0)


def apply(tasks: int) -> None:
    """Publish that many, with one producer."""
    with app.producer_or_acquire() as producer:
        for _ in range(tasks):
            noop.apply_async(producer=producer)


def work(tasks: int) -> None:
    """Execute that many; never returns."""
    Count.expected = tasks
    app.log.setup_logging_subsystem(loglevel="CRITICAL")
    app.WorkController(
        concurrency=1, queues=[QUEUE], without_gossip=True, without_mingle=True, without_heartbeat=True
    ).start()


if __name__ == "__main__":
    {"apply": apply, "work": work}[sys.argv[1]](int(sys.argv[2]))

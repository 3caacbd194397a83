"""What `workbench worker` does: becomes a Celery worker that waits for runs."""

import os
import platform
import sys
from typing import NoReturn

from harness.machine.processes import environment
from harness.services.brokers.broker import check_backend, check_url, waiting_place


def become(pool: str, slots: int, name: str | None, broker_url: str, backend: str | None) -> NoReturn:
    """Replace this process by the worker; raises UsageError or ServiceError where the broker cannot be had.

    It takes tasks from a queue of its own, on which nothing comes, until a run tells it to take the run's queue.
    """
    from harness.contenders.celery.config import to_environment

    check_url(broker_url)
    if backend is not None:
        check_backend(backend)
    place = waiting_place(broker_url, backend)
    node = f"{name or f'{pool}-{os.getpid()}'}@{platform.node()}"
    idle = f"idle:{node}"
    argv = [sys.executable, "-m", "celery", "-A", "harness.contenders.celery.worker", "worker"]
    argv += ["--pool", pool, "--concurrency", str(slots), "--hostname", node, "--queues", idle]
    argv += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    env = {**to_environment(place, idle), "PYTHONUNBUFFERED": "1"}
    print(f"worker {node}: pool {pool}, {slots} slots, waiting for runs", flush=True)
    os.execve(sys.executable, argv, environment(env))

"""What `workbench worker` does: becomes a Celery worker that waits for runs."""

import os
import platform
import sys
from typing import NoReturn

from harness.broker import EXTERNAL_PREFIX, check_url


def become(pool: str, slots: int, name: str | None, broker_url: str) -> NoReturn:
    """Replace this process by the worker; raises UsageError or ServiceError where the broker cannot be had.

    It takes tasks from a queue of its own, on which nothing comes, until a run tells it to take the run's queue.
    """
    check_url(broker_url)
    node = f"{name or f'{pool}-{os.getpid()}'}@{platform.node()}"
    idle = f"idle:{node}"
    argv = [sys.executable, "-m", "celery", "-A", "harness.contenders._celery_worker", "worker"]
    argv += ["--pool", pool, "--concurrency", str(slots), "--hostname", node, "--queues", idle]
    argv += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    env = {
        "WORKBENCH_BROKER_URL": broker_url,
        "WORKBENCH_KEY_PREFIX": EXTERNAL_PREFIX,
        "WORKBENCH_QUEUE": idle,
        "PYTHONUNBUFFERED": "1",
    }
    print(f"worker {node}: pool {pool}, {slots} slots, waiting for runs", flush=True)
    os.execve(sys.executable, argv, os.environ | env)

"""What `workbench driver` does: becomes a driver that waits for runs."""

import os
import platform
import sys
from typing import NoReturn

from harness.machine.processes import environment
from harness.services.brokers.broker import check_url, waiting_place


def become(name: str | None, broker_url: str) -> NoReturn:
    """Replace this process by a Celery worker that drives one trial at a time.

    Raises UsageError or ServiceError where the broker cannot be had.
    """
    from harness.contenders.celery.config import to_environment

    check_url(broker_url)
    node = f"{name or f'driver-{os.getpid()}'}@{platform.node()}"
    queue = f"driver:{node}"
    argv = [sys.executable, "-m", "celery", "-A", "harness.driver.remote.worker", "worker"]
    # A thread, so that it answers while it drives.
    argv += ["--pool", "threads", "--concurrency", "1", "--hostname", node, "--queues", queue]
    argv += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    env = {**to_environment(waiting_place(broker_url, None), queue), "PYTHONUNBUFFERED": "1"}
    print(f"driver {node}: waiting for runs", flush=True)
    os.execve(sys.executable, argv, environment(env))

"""`workbench driver`: runs a driver that waits for runs."""

import os
import platform
import sys
from typing import Annotated

import typer

from harness.cli.options import WAITING_BROKER, WaitingBroker


def driver(
    broker: WaitingBroker = WAITING_BROKER,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Its name, unique on its host. Default: its process id.", show_default=False),
    ] = None,
) -> None:
    """Start a driver that waits for runs (`--workers external --drivers N`), on any machine, until SIGTERM."""
    from harness.contenders.celery.config import to_environment
    from harness.contenders.celery.launcher import LAUNCHER
    from harness.machine.processes import environment, python
    from harness.services.brokers.broker import check_broker, waiting_place

    check_broker(broker)
    node = f"{name or f'driver-{os.getpid()}'}@{platform.node()}"
    queue = f"driver:{node}"
    argv = python("-m", LAUNCHER, "harness.driver.remote.worker", "worker")
    # A thread, so that it responds while it drives a trial; only one, so that it drives one trial at a time.
    argv += ["--pool", "threads", "--concurrency", "1", "--hostname", node, "--queues", queue]
    argv += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    env = {**to_environment(waiting_place(broker, None), queue), "PYTHONUNBUFFERED": "1"}
    print(f"driver {node}: waiting for runs", flush=True)
    os.execve(sys.executable, argv, environment(env))

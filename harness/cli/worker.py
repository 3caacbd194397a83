"""`workbench worker`: runs a Celery worker that waits for runs."""

import os
import sys
from typing import Annotated, Literal

import typer

from harness import registry
from harness.cli.options import WAITING_BROKER, NodeName, TaskWorkloads, WaitingBackend, WaitingBroker, node_name

Pool = Literal["prefork", "threads", "gevent", "solo"]


def worker(
    pool: Annotated[Pool, typer.Option(help="Pool that executes its tasks.")] = "prefork",
    slots: Annotated[int, typer.Option(metavar="N", help="Tasks executed at once.", min=1, max=10_000)] = 16,
    broker: WaitingBroker = WAITING_BROKER,
    result_backend: WaitingBackend = None,
    workload: TaskWorkloads = None,
    name: NodeName = None,
) -> None:
    """Start a Celery worker that waits for runs (`workbench run --workers external`), on any machine, until SIGTERM."""
    from harness.contenders.celery.config import to_environment
    from harness.contenders.celery.launcher import LAUNCHER
    from harness.machine.processes import environment, python
    from harness.services.brokers.broker import check_broker, waiting_place

    tasks = [registry.check("workload", name, "option --workload") for name in workload or []]
    node = node_name(name, f"{pool}-{os.getpid()}")
    check_broker(broker)
    queue = f"idle:{node}"  # nothing is ever put on it: a run tells the worker to consume from the run's own queue
    argv = python("-m", LAUNCHER, "harness.contenders.celery.worker", "worker")
    argv += ["--pool", pool, "--concurrency", str(slots), "--hostname", node, "--queues", queue]
    argv += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    env = {**to_environment(waiting_place(broker, result_backend), queue, tasks=tasks), "PYTHONUNBUFFERED": "1"}
    print(f"worker {node}: pool {pool}, {slots} slots, waiting for runs", flush=True)
    os.execve(sys.executable, argv, environment(env))

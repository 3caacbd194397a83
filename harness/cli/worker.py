"""`workbench worker`: runs a Celery worker that waits for runs."""

import os
import sys
from dataclasses import dataclass, field
from typing import Annotated, Literal

import typer

from harness import registry
from harness.cli.options import (
    WAITING_BROKER,
    NodeName,
    PathOption,
    TaskWorkloads,
    WaitingBackend,
    WaitingBroker,
    node_name,
)
from harness.errors import UsageError
from harness.jobs import registered

Pool = Literal["prefork", "threads", "gevent", "solo"]


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """All options of a worker."""

    pool: Annotated[Pool, typer.Option(help="Pool that executes its tasks.")] = "prefork"
    slots: Annotated[int, typer.Option(metavar="N", help="Tasks executed at once.", min=1, max=10_000)] = 16
    broker: WaitingBroker = WAITING_BROKER
    result_backend: WaitingBackend = None
    workload: TaskWorkloads = None
    job: Annotated[
        str | None,
        typer.Option(
            metavar="JOB",
            help="Instead: a job of your own, as after `run -w`. Its task is executed, in its own application. A run "
            "checks that it has the same source.",
            show_default=False,
        ),
    ] = None
    path: PathOption = field(default_factory=list)
    allow_remote: Annotated[bool, typer.Option("--allow-remote", help="Allow that job to call other machines.")] = False
    name: NodeName = None


def worker(options: WorkerOptions) -> int:
    """Start a Celery worker that waits for runs (`workbench run --workers external`), on any machine, until SIGTERM."""
    from harness.contenders.celery.fleet.alone import be_alone
    from harness.services.brokers.broker import check_broker
    from harness.services.waiting_places import waiting_place

    tasks, handed = _tasks(options)
    node = node_name(options.name, f"{options.pool}-{os.getpid()}")
    check_broker(options.broker)
    be_alone(node, waiting_place(options.broker, options.result_backend))
    of = f" of the job {tasks[0]}" if handed else ""
    print(f"worker {node}: pool {options.pool}, {options.slots} slots, waiting for runs{of}", flush=True)
    return _become(options, node, tasks, handed)


def _tasks(options: WorkerOptions) -> tuple[list[str], dict[str, str]]:
    """The workloads that it executes, and the environment in which it finds a job of the user's own."""
    if options.job is None:
        return [registry.check("workload", name, "option --workload") for name in options.workload or []], {}
    if options.workload:
        raise UsageError("--job and --workload exclude each other: a worker of a job of your own has no other task.")
    from harness.cli.own_jobs import job_with_a_task

    name = job_with_a_task(options.job, options.path, allow_remote=options.allow_remote)
    return [name], registered.handed_over()


def _become(options: WorkerOptions, node: str, tasks: list[str], handed: dict[str, str]) -> int:
    """Replace this process by the worker."""
    from harness.contenders.celery.config import to_environment
    from harness.contenders.celery.launcher import LAUNCHER, WAITING
    from harness.contenders.celery.quiet import quiet
    from harness.machine.processes import environment, python
    from harness.services.waiting_places import waiting_place

    place = waiting_place(options.broker, options.result_backend)
    queue = f"idle:{node}"  # nothing is ever put on it: the run that leases the worker names a queue of its own
    argv = python("-m", LAUNCHER, WAITING, "worker")
    argv += ["--pool", options.pool, "--concurrency", str(options.slots), "--hostname", node, "--queues", queue]
    argv += ["--loglevel", "WARNING", *quiet()]
    env = to_environment(place, queue, tasks=tasks)
    os.execve(sys.executable, argv, environment({**env, **handed, "PYTHONUNBUFFERED": "1"}))

"""Periodic work: `celery beat`, in a separate process, publishes it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from harness.contenders.celery.client import CeleryClient
from harness.contenders.celery.config import to_environment
from harness.contenders.celery.launcher import LAUNCHER
from harness.contenders.contender import Assignment, Request, StartedJob
from harness.contenders.sides.declaration import ignoring
from harness.machine.processes import GUARD, ending, environment, python
from harness.machine.threads import in_thread
from workloads.scenario import Ended, Stopped
from workloads.side import CelerySide

VARIABLE = "WORKBENCH_BEAT_SCHEDULE"
BeatSchedule = Callable[..., dict[str, Any]]


class BeatClient(CeleryClient):
    """Starts a `celery beat` with the side's `beat_schedule`."""

    def __init__(self, app: Any, side: CelerySide, assignment: Assignment, schedule: BeatSchedule) -> None:
        super().__init__(app, side, assignment)
        self._schedule = ignoring(schedule, side.ignores)
        self._env = to_environment(
            assignment.required_broker, assignment.queue, assignment.tuning, [assignment.workload]
        )

    def start_job(self, request: Request) -> StartedJob:
        """Start a `celery beat` for this request."""
        schedule = json.dumps(self._schedule(**request.payload))
        return BeatJob(self._env | {VARIABLE: schedule})


class BeatJob:
    """A process that is part of the driver's tree, so that what it costs counts to the driver."""

    def __init__(self, env: dict[str, str]) -> None:
        argv = python("-m", LAUNCHER, "harness.contenders.celery.beat", "beat")
        # In memory: what a schedule file would be for is a beat that is started again.
        argv += ["--scheduler", "celery.beat.Scheduler", "--loglevel", "WARNING", "--pidfile", ""]
        self._stopped = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", GUARD, str(os.getpid()), *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment(env),
        )

    async def reply(self) -> Any:
        """It has none: raises Stopped once it was stopped, and Ended if it ends by itself."""
        status = await in_thread(self._process.wait)
        if self._stopped:
            raise Stopped
        raise Ended(f"celery beat has ended ({ending(status)})")

    def stop(self) -> None:
        """As `celery beat` is stopped."""
        self._stopped = True
        self._process.terminate()

    def forget(self) -> None:
        """It has ended when this returns; it holds nothing that could be lost."""
        self._process.kill()
        self._process.wait()

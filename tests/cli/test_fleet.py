"""Runs that share workers elsewhere, and what becomes of the next run when one of them is killed."""

import os
import re
import signal
from pathlib import Path

import pytest
import redis

from harness.results import store
from harness.results.model import Trial
from harness.services.brokers.broker import broker_url, left_on
from tests.cli.conftest import BARE, Command, Start, Workbench

RUN = ("run", BARE, "-w", "sleep", "-c", "celery-threads:4", "--workers", "external", "--rounds", "1")
BACKLOG = ("--set", "sleep.seconds=0.5", "--load", "open:60/s", "--duration", "5min", "--warmup", "1s")
"""More than the workers do, less than a busy driver publishes, and longer than the run lives: it is killed."""
NORMAL = ("--load", "closed:8", "--duration", "500ms")


def waiting(start: Start, name: str) -> Command:
    """A worker that waits."""
    worker = start("worker", "--pool", "threads", "--slots", "4", "--name", name)
    worker.until(lambda: ".> concurrency" in worker.told(), "the worker's start")
    return worker


def queued(url: str) -> int:
    """Messages that wait in queues of runs."""
    with redis.Redis.from_url(url) as client:
        return sum(int(client.llen(key)) for key in client.scan_iter("workbench:run*") if client.type(key) == b"list")


def the_trial(folder: Path) -> Trial:
    """The only one."""
    (cell,) = store.read(folder).cells
    return cell.trials[-1]


def forbidden(*_: object) -> None:
    """Nothing is to call it."""
    raise AssertionError


def kinds(trial: Trial) -> set[str]:
    """Of its doubts."""
    return {doubt.kind for doubt in trial.doubts}


def test_a_killed_runs_backlog_is_not_executed_in_the_next_run_which_waits_for_the_lease(
    start: Start, workbench_here: Workbench, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run meanwhile that does not wait is told who has the workers. The queue is gone, and the workers are free."""
    monkeypatch.setenv("WORKBENCH_BROKER", redis_url)
    monkeypatch.setattr(os, "execve", forbidden)  # a second worker of that name would become this process
    worker = waiting(start, "w")
    killed = start(*RUN, *BACKLOG, "-o", str(tmp_path / "run-killed"))
    killed.until(lambda: queued(redis_url) > 100, "its backlog")
    refused = workbench_here(*RUN, *NORMAL, "-o", str(tmp_path / "run-refused"))
    assert refused.status == 3
    assert re.search(r"worker w@\S+ is leased by run run-killed:[0-9a-f]{6} \(.*--wait 5min", refused.err)
    second = workbench_here("worker", "--pool", "threads", "--name", "w")
    assert second.status == 3
    assert re.search(r"the name w@\S+ is taken .*: process \d+ on", second.err)
    waits = start(*RUN, *NORMAL, "--wait", "1min", "-o", str(tmp_path / "run-normal"))
    waits.until(lambda: "which run-killed:" in waits.said(), "it waits")  # so that the lease is still held by then
    killed.process.kill()
    killed.ended()
    normal = waits.ended()
    assert normal.status == 0, normal.err
    trial = the_trial(tmp_path / "run-normal")
    assert (trial.status, trial.lost, trial.duplicates, trial.had_slots) == ("measured", 0, 0, 4)
    assert "foreign-work" not in kinds(trial)
    worker.until(lambda: queued(redis_url) == 0, "the end of the queue, some seconds after that of the lease")
    shown = workbench_here("fleet", "--broker", redis_url)
    assert re.search(r"w@\S+ .* threads +4 .* free", shown.out)
    worker.process.send_signal(signal.SIGTERM)
    assert worker.ended().status == 0
    assert "Traceback" not in worker.said()
    (swept,) = left_on(broker_url(redis_url), remove=True)  # as the next run does: this one came before the other's end
    assert swept.startswith("workbench:run-killed:")
    with redis.Redis.from_url(redis_url) as client:
        assert {bytes(key) for key in client.keys("*") if b"celery-task-meta" not in key} == set()

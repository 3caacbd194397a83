"""Runs that share workers and drivers elsewhere, and what becomes of the next run when one of them is killed."""

import re
import signal
from pathlib import Path

import redis

from harness.results import store
from harness.results.model import Trial
from tests.cli.conftest import BARE, Command, Start, Workbench

RUN = ("run", BARE, "-w", "sleep", "-c", "celery-threads:4", "--workers", "external", "--rounds", "1")
BACKLOG = ("--load", "open:900/s", "--duration", "20s", "--warmup", "1s")
"""Eleven times as much as the workers do."""
NORMAL = ("--load", "closed:8", "--duration", "500ms")


def waiting(start: Start, url: str, name: str) -> Command:
    """A worker that waits."""
    worker = start("worker", "--pool", "threads", "--slots", "4", "--name", name, env={"WORKBENCH_BROKER": url})
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


def kinds(trial: Trial) -> set[str]:
    """Of its doubts."""
    return {doubt.kind for doubt in trial.doubts}


def test_a_killed_runs_backlog_is_not_executed_in_the_next_run_which_waits_for_the_lease(
    start: Start, workbench: Workbench, redis_url: str, tmp_path: Path
) -> None:
    """A run meanwhile that does not wait is told who has the workers. The queue is gone, and the workers are free."""
    env = {"WORKBENCH_BROKER": redis_url}
    worker = waiting(start, redis_url, "w")
    killed = start(*RUN, *BACKLOG, "-o", str(tmp_path / "run-killed"), env=env)
    killed.until(lambda: queued(redis_url) > 100, "its backlog")
    refused = workbench(*RUN, *NORMAL, "-o", str(tmp_path / "run-refused"), env=env)
    assert refused.status == 3
    assert re.search(r"worker w@\S+ is leased by run run-killed:[0-9a-f]{6} \(.*--wait 5min", refused.err)
    second = start("worker", "--pool", "threads", "--name", "w", env=env).ended()
    assert second.status == 3
    assert re.search(r"the name w@\S+ is taken .*: process \d+ on", second.err)
    killed.process.kill()
    killed.ended()
    normal = workbench(*RUN, *NORMAL, "--wait", "1min", "-o", str(tmp_path / "run-normal"), env=env)
    assert normal.status == 0, normal.err
    assert "which run-killed:" in normal.err
    trial = the_trial(tmp_path / "run-normal")
    assert (trial.status, trial.lost, trial.duplicates, trial.had_slots) == ("measured", 0, 0, 4)
    assert "foreign-work" not in kinds(trial)
    assert queued(redis_url) == 0
    shown = workbench("fleet", "--broker", redis_url)
    assert re.search(r"w@\S+ .* threads +4 .* free", shown.out)
    worker.process.send_signal(signal.SIGTERM)
    assert worker.ended().status == 0
    assert "Traceback" not in worker.said()


def test_a_worker_that_is_killed_fails_its_trial_and_one_that_comes_is_used(
    start: Start, workbench: Workbench, redis_url: str, tmp_path: Path
) -> None:
    """The trials after it say how many slots they had."""
    env = {"WORKBENCH_BROKER": redis_url}
    workers = [waiting(start, redis_url, name) for name in ("a", "b")]
    folder = tmp_path / "run"
    rounds = ("--rounds", "4", "--timeout", "1s", "--load", "closed:8", "--duration", "1s", "--repeats", "0")
    run = start(*RUN[:-2], *rounds, "-o", str(folder), env=env)
    run.until(lambda: "round 1" in run.said() or (folder / "results.json").exists(), "its first trial")
    workers[1].process.kill()
    workers[1].ended()
    ended = run.ended()
    assert ended.status in (0, 1), ended.err
    (cell,) = store.read(folder).cells
    failed = [trial for trial in cell.trials if trial.status == "failed"]
    measured = [trial for trial in cell.trials if trial.status == "measured"]
    assert len(failed) == 1
    assert re.search(r"b@\S+ .*with 4 of 8 threads slots", failed[0].error or "")
    assert [trial.had_slots for trial in measured][-2:] == [4, 4]
    assert "other-slots" in kinds(measured[-1])

"""Runs on workers that run already, as in a cluster or in containers."""

import signal
from pathlib import Path

import pytest
import redis

from harness.results import store
from tests.cli.conftest import Command, Start, Workbench

LOAD = ("--load", "closed:8", "--duration", "500ms")
CONTENDERS = ("-c", "celery-threads:4", "-c", "celery-threads+no-hiredis:4")
RUN = ("run", "-w", "sleep", *CONTENDERS, *LOAD, "--workers", "external")


def waiting(start: Start, url: str, *arguments: str) -> Command:
    """A worker that says that it waits."""
    worker = start("worker", "--pool", "threads", *arguments, env={"WORKBENCH_BROKER": url})
    worker.until(lambda: ".> concurrency" in worker.told(), "the worker's start")
    return worker


def names(url: str) -> set[str]:
    """Keys that are a run's: workers that wait have theirs."""
    with redis.Redis.from_url(url) as client:
        return {key.decode() for key in client.scan_iter("*run*")}


def test_workers_that_wait_are_found_used_together_and_left(
    start: Start, workbench: Workbench, redis_url: str, tmp_path: Path
) -> None:
    """Their slots add up, also for the floor; all columns are filled; no key is left, the workers still wait."""
    workers = [waiting(start, redis_url, "--slots", slots) for slots in ("3", "2")]
    arguments = (RUN[0], "quick", *RUN[1:], "--rounds", "1", "-o", str(tmp_path / "run"))
    ended = workbench(*arguments, env={"WORKBENCH_BROKER": redis_url})
    assert ended.status == 0, ended.err
    results = store.read(tmp_path / "run")
    assert any("floor" in one.views for one in results.cells)
    cell, tuned = [one for one in results.cells if "floor" not in one.views]
    assert (tuned.status, tuned.reason) == ("not_supported", "no-hiredis: external workers run as they were started")
    assert cell.slots == 5
    assert len(cell.workers) == 2
    (trial,) = cell.trials
    assert trial.executions is not None
    assert trial.executions > trial.submitted  # the first request is executed before anything is timed
    assert trial.duplicates == 0
    assert trial.usage.workers is not None
    assert trial.usage.workers.memory_mb
    assert trial.stages_ms is not None
    assert trial.stages_ms.queue_wait is not None
    assert "sesame" not in (tmp_path / "run" / "results.json").read_text()
    assert names(redis_url) == set()
    assert all(worker.process.poll() is None for worker in workers)
    for worker in workers:
        worker.process.send_signal(signal.SIGTERM)
        assert worker.ended().status == 0


def test_no_worker_that_waits_is_exit_3_with_what_to_do(
    workbench_here: Workbench, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And without a broker there is no use in asking."""
    monkeypatch.setenv("WORKBENCH_BROKER", redis_url)
    ended = workbench_here(*RUN, "-o", str(tmp_path / "run"))
    assert ended.status == 3
    assert "workbench worker --pool threads" in ended.err
    assert "sesame" not in ended.err + ended.out
    monkeypatch.delenv("WORKBENCH_BROKER")
    missing = workbench_here(*RUN, "-o", str(tmp_path / "run"))
    assert missing.status == 2
    assert "--broker" in missing.err


def test_an_origin_that_is_none_of_ours_is_exit_3(
    workbench_here: Workbench, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --workers external, --origin is the workbench's own."""
    arguments = ("run", "-w", "http_date", "-c", "asyncio:2", "--load", "closed:2", "--workers", "external")
    monkeypatch.setenv("WORKBENCH_BROKER", redis_url)
    monkeypatch.setenv("WORKBENCH_ORIGIN", "http://127.0.0.1:1")
    ended = workbench_here(*arguments, "-o", str(tmp_path / "run"))
    assert ended.status == 3
    assert "python -m origin" in ended.err

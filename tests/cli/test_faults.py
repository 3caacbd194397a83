"""Interrupted and killed: what was measured is kept, nothing hangs, nothing is left running."""

import contextlib
import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.results import store
from tests.cli.conftest import BARE, Command, Ended, Start
from tests.running import ended

RUN = ("run", BARE, "-w", "sleep", "-c", "asyncio:4", "-c", "celery-threads:4", "--load", "closed:8", "--seed", "5")
LONG = (*RUN, "--duration", "1s", "--rounds", "2")
STOPS_WITHIN_S = 5.0
"""On a core that is free."""


def stopped(command: Command) -> Ended:
    """Wait for its end: as much longer than on a core that is free as processes queue for each core."""
    return command.ended(STOPS_WITHIN_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def document(folder: Path) -> dict[str, Any]:
    """The results document of a run."""
    read: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return read


def run_status(folder: Path) -> str:
    """What a reader is shown of the run's state."""
    return store.read(folder).run.status


def trials(folder: Path) -> list[dict[str, Any]]:
    """All its trials."""
    return [trial for cell in document(folder)["cells"] for trial in cell["trials"]]


def nothing_left(tree: list[psutil.Process]) -> bool:
    """Whether all of those processes end."""
    return all(ended(process.pid) for process in tree)


def in_trial(command: Command) -> bool:
    """Whether a driver is running."""
    return bool(drivers(command))


def drivers(command: Command) -> list[psutil.Process]:
    """The drivers that run now: children of the fork servers."""
    tree, servers = command.tree()[1:], set()
    for process in tree:
        with contextlib.suppress(psutil.Error):  # it may have ended since it was listed
            if "harness.driver.fork_server" in process.cmdline():
                servers.add(process.pid)
    return [process for process in tree if parent_of(process) in servers]


def parent_of(process: psutil.Process) -> int | None:
    """Its parent's id; None where it has ended."""
    with contextlib.suppress(psutil.Error):
        return process.ppid()
    return None


@pytest.mark.parametrize("number", [signal.SIGHUP])
def test_an_interrupt_while_services_start_stops_them(start: Start, tmp_path: Path, number: int) -> None:
    """Exit 130 within 5 s; no process left."""
    command = start(*LONG, "-o", str(tmp_path / "run"))
    command.until(lambda: command.child("contenders.celery.worker"), "the worker's start")
    tree = command.tree()
    command.process.send_signal(number)
    assert stopped(command).status == 130
    assert nothing_left(tree)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_mid_trial_saves_the_trials_finished(start: Start, tmp_path: Path, number: int) -> None:
    """Exit 130 within 5 s; the finished trial is in the document; no process left."""
    command = start(*LONG, "-o", str(tmp_path / "run"))
    command.until(lambda: "[1/4]" in command.said() and in_trial(command), "the second trial")
    tree = command.tree()
    command.process.send_signal(number)
    left = stopped(command)
    assert left.status == 130
    assert "saved" in left.err
    assert document(tmp_path / "run")["run"]["status"] == "interrupted"
    assert {trial["status"] for trial in trials(tmp_path / "run")} == {"measured"}
    assert nothing_left(tree)


def measuring(command: Command) -> str:
    """The contender whose window is open, or was last; empty before that of the trial that has begun."""
    events = command.folder / "run" / "progress.jsonl"
    text = events.read_text() if events.exists() else ""
    begins, _, then = text.rpartition('{"type":"trial_begins"')
    return str(json.loads("{" + then.splitlines()[0][1:])["contender"]) if begins and '"opened"' in then else ""


def test_killed_drivers_and_workers_fail_their_trials_and_the_run_goes_on(start: Start, tmp_path: Path) -> None:
    """A trial says how what it needed ended; the next one finds a new worker. The others are measured; exit 1."""
    command = start(*LONG, "-o", str(tmp_path / "run"))
    left = {"asyncio:4", "celery-threads:4"}
    while left:
        command.until(lambda: measuring(command) in left and in_trial(command), f"a window of {left}")
        left.remove(hit := measuring(command))
        victim = drivers(command)[0] if hit == "asyncio:4" else command.child("contenders.celery.worker")
        assert victim is not None
        victim.kill()
    assert command.ended().status == 1
    found = sorted(trials(tmp_path / "run"), key=lambda trial: trial["order"])
    assert sorted(trial["status"] for trial in found) == [*["failed"] * 2, *["measured"] * 2]
    errors = [trial["error"] for trial in found if trial["status"] == "failed"]
    assert [("driver" in error, "worker has ended (killed by SIGKILL)" in error) for error in errors] in (
        [(True, False), (False, True)],
        [(False, True), (True, False)],
    )
    assert all("killed by SIGKILL" in error for error in errors)


def test_a_killed_workbench_leaves_nothing(start: Start, tmp_path: Path) -> None:
    """Its children end by themselves: broker, workers, fork servers and drivers. `doctor --clean` removes its files."""
    own = {"TMPDIR": str(tmp_path)}
    command = start(*LONG, "-o", str(tmp_path / "run"), env=own)
    command.until(lambda: in_trial(command), "the first trial")
    tree = command.tree()
    for words in ("redis-server", "contenders.celery.worker", "driver.fork_server"):
        assert command.child(words) is not None, words
    command.process.kill()
    command.process.wait()
    assert nothing_left(tree)
    assert run_status(tmp_path / "run") == "killed"
    (folder,) = tmp_path.glob("workbench-run-*")
    os.utime(folder, (0, 0))
    assert f"removed {folder}" in start("doctor", "--clean", env=own).ended().out
    assert not folder.exists()


def test_an_origin_that_dies_fails_what_needs_it_and_the_run_goes_on(start: Start, tmp_path: Path) -> None:
    """Failed requests with a reason, then trials with one; other workloads are measured as ever."""
    chosen = (BARE, "-w", "http_date", "-w", "sleep", "-c", "asyncio:4", "-c", "celery-threads:4")
    times = ("--load", "open:40/s", "--rounds", "1", "--duration", "500ms", "--timeout", "3s", "--seed", "5")
    command = start("run", *chosen, *times, "-o", str(tmp_path / "run"))
    events = tmp_path / "run" / "progress.jsonl"
    command.until(lambda: '"opened"' in events.read_text() if events.exists() else False, "a window of http_date")
    origin = command.child("-m origin")
    assert origin is not None
    origin.kill()
    done = command.ended()
    assert done.status == 1, done.err
    assert document(tmp_path / "run")["run"]["status"] == "done"
    cells = document(tmp_path / "run")["cells"]
    failed = [trial for cell in cells if cell["workload"] == "http_date" for trial in cell["trials"]]
    assert any("the origin has ended" in (trial["error"] or "") for trial in failed), failed
    others = [trial["status"] for cell in cells if cell["workload"] == "sleep" for trial in cell["trials"]]
    assert others == ["measured"] * 2


@pytest.mark.parametrize("number", [None, signal.SIGINT, signal.SIGKILL])
def test_a_pool_of_processes_ends_with_its_driver(start: Start, tmp_path: Path, number: int | None) -> None:
    """In order, interrupted or killed: an asyncio workload may start processes of its own."""
    chosen = (
        BARE,
        "-w",
        "blocking_call",
        "-c",
        "asyncio:2",
        "--load",
        "closed:2",
        "--set",
        "blocking_call.how=process",
    )
    command = start("run", *chosen, "--rounds", "1", "--duration", "1s", "-o", str(tmp_path / "run"))
    command.until(lambda: command.child("multiprocessing.forkserver"), "the pool")
    tree = command.tree()
    if number is not None:
        command.process.send_signal(number)
    command.ended()
    assert nothing_left(tree)

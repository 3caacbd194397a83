"""The ledger: rows of several processes, whole, also of one that was killed."""

import os
import signal
from pathlib import Path

from harness.recording.ledger import Event, Ledger


def noted(ledger: Ledger, trial: int) -> list[tuple[int, Event]]:
    """What stands in it."""
    return [(entry.number, entry.event) for entry in ledger.entries(trial)]


def test_a_process_that_is_killed_has_noted_all_until_then(tmp_path: Path) -> None:
    """Nothing is buffered in it."""
    ledger = Ledger(tmp_path / "ledger")
    ledger.note(7, 0, Event.ACCEPTED)
    pid = os.fork()
    if pid == 0:
        ledger.note(7, 0, Event.STARTED)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    entries = ledger.entries(7)
    assert [(entry.event, entry.pid) for entry in entries] == [(Event.ACCEPTED, os.getpid()), (Event.STARTED, pid)]
    ledger.close()


def test_trials_are_apart_and_the_request_that_is_verified_first_is_none(tmp_path: Path) -> None:
    """Its number is -1."""
    ledger = Ledger(tmp_path / "ledger")
    for trial, number in ((1, 0), (2, 5), (1, -1)):
        ledger.note(trial, number, Event.STARTED)
    assert noted(ledger, 1) == [(0, Event.STARTED)]
    ledger.forget()
    assert noted(ledger, 2) == []
    ledger.close()


def test_ids_of_other_tasks_are_nobodys_request(tmp_path: Path) -> None:
    """Tasks that tasks start have ids of another form; what does not fit into 64 bits is no number."""
    ledger = Ledger(tmp_path / "ledger")
    for task_id in ("3.4", "3", "", "a.b", "3.4.1", f"3.{1 << 70}", "0b1f6f50-8c3c-4a6e-9b0a-1f6f508c3c4a"):
        ledger.note_task(task_id, Event.ENDED)
    assert noted(ledger, 3) == [(4, Event.ENDED)]
    ledger.close()


def test_a_row_that_is_not_whole_is_not_read(tmp_path: Path) -> None:
    """As where a disk is full."""
    path = tmp_path / "ledger"
    ledger = Ledger(path)
    ledger.note(1, 0, Event.STARTED)
    with path.open("ab") as file:
        file.write(b"half")
    assert noted(ledger, 1) == [(0, Event.STARTED)]
    ledger.close()

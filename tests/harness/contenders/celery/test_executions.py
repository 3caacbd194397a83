"""The worker's own count of what was executed."""

import os

import pytest

from harness.contenders.celery.executions import Executions
from harness.recording.request_numbers import TRIAL_BITS


def in_child(work: object) -> None:
    """Run it in a forked process, to its end."""
    assert callable(work)
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def test_each_request_is_noted_by_trial_and_number() -> None:
    """One executed twice is there twice; what has been taken is gone, and counted all the same."""
    executions = Executions()
    for task_id in ("7.-1", "7.1", "7.2", "8.1", "7.2"):
        executions.add(task_id)
    assert executions.total() == 5
    assert executions.take(7)[0] == [-1, 1, 2, 2]
    assert executions.take(7) == ([], 0, 0)
    assert executions.total() == 5


def test_more_than_are_kept_at_once_are_all_there() -> None:
    """In order, over several writes."""
    executions = Executions()
    many = 3 * Executions.ROWS_KEPT + 5
    for number in range(many):
        executions.add(f"1.{number}")
    assert executions.total() == many
    assert executions.take(1)[0] == list(range(many))


IDS = ("9f1c6a52-1f0e-4bb6-8c35-0e8a4a4a2f7b", "", "x.1", "1.x", "-1.0")


def test_tasks_that_the_tasks_of_a_request_have_started_are_left_out() -> None:
    """They have UUIDs, and the request as their root."""
    executions = Executions()
    for task_id in IDS:
        executions.add(task_id, "7.1")
    assert executions.total() == 0
    assert executions.take(7) == ([], 0, 0)


def test_what_belongs_to_no_request_is_nobodys() -> None:
    """Somebody has published it; it took a slot."""
    executions = Executions()
    for task_id in IDS:
        executions.add(task_id, task_id)
    executions.add("7.1", "7.1")
    assert executions.take(7) == ([1], 0, len(IDS))


def test_requests_of_other_runs_are_counted_and_those_of_earlier_trials_are_not() -> None:
    """A run's trials have numbers that differ in their last 20 bits alone."""
    executions = Executions()
    ours = 5 << TRIAL_BITS
    for trial in (ours, ours + 1, ours + 1, 6 << TRIAL_BITS, 4 << TRIAL_BITS):
        executions.add(f"{trial}.0")
    assert executions.take(ours + 1) == ([0, 0], 2, 0)
    assert executions.take(ours + 1) == ([], 0, 0)


def test_what_pool_processes_execute_is_there_at_once() -> None:
    """Rows that the worker's own process still keeps are not written twice by a process forked meanwhile."""
    executions = Executions()
    executions.add("1.1")
    in_child(lambda: executions.add("1.2"))
    in_child(lambda: executions.add("1.3"))
    assert executions.total() == 3
    assert sorted(executions.take(1)[0]) == [1, 2, 3]


@pytest.mark.parametrize(
    "task_id",
    [
        "a.1.x",
        "1.x.y",
        "x.1",
        f"1.{2**70}",
        f"{2**70}.1",
        "1." + "9" * 5000,
        "9" * 5000 + ".1.2",
        "1..2",
        "..",
        "1.",
        "",
    ],
)
def test_an_id_that_no_driver_gives_is_nobodys(task_id: str) -> None:
    """Whoever is on the broker names a task as they like: counting does not fail."""
    executions = Executions()
    executions.add(task_id)
    assert executions.take(1) == ([], 0, 1)


def test_the_largest_number_of_a_trial_is_counted() -> None:
    """Runs with external workers draw theirs from 2**60 numbers."""
    executions = Executions()
    trial = (2**40 - 1) << 20
    executions.add(f"{trial}.-1")
    executions.add(f"{trial}.5.3")
    assert sorted(executions.take(trial)[0]) == [-1, 5]

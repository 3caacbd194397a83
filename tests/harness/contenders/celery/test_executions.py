"""The worker's own count of what was executed."""

import os

import pytest

from harness.contenders.celery.executions import Executions


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
    assert executions.take(7) == [-1, 1, 2, 2]
    assert executions.take(7) == []
    assert executions.total() == 5


def test_more_than_are_kept_at_once_are_all_there() -> None:
    """In order, over several writes."""
    executions = Executions()
    many = 3 * Executions.ROWS_KEPT + 5
    for number in range(many):
        executions.add(f"1.{number}")
    assert executions.total() == many
    assert executions.take(1) == list(range(many))


def test_ids_that_are_not_a_drivers_are_left_out() -> None:
    """Tasks that tasks start have UUIDs; others may have anything."""
    executions = Executions()
    for task_id in ("9f1c6a52-1f0e-4bb6-8c35-0e8a4a4a2f7b", "", "x.1", "1.x"):
        executions.add(task_id)
    assert executions.total() == 0


def test_what_pool_processes_execute_is_there_at_once() -> None:
    """Rows that the worker's own process still keeps are not written twice by a process forked meanwhile."""
    executions = Executions()
    executions.add("1.1")
    in_child(lambda: executions.add("1.2"))
    in_child(lambda: executions.add("1.3"))
    assert executions.total() == 3
    assert sorted(executions.take(1)) == [1, 2, 3]


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
def test_an_id_that_no_driver_gives_is_not_counted(task_id: str) -> None:
    """Whoever is on the broker names a task as they like: counting neither fails nor counts it."""
    executions = Executions()
    executions.add(task_id)
    assert executions.total() == 0


def test_the_largest_number_of_a_trial_is_counted() -> None:
    """Runs with external workers draw theirs from 2**60 numbers."""
    executions = Executions()
    trial = (2**40 - 1) << 20
    executions.add(f"{trial}.-1")
    executions.add(f"{trial}.5.3")
    assert sorted(executions.take(trial)) == [-1, 5]

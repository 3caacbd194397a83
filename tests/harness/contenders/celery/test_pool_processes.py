"""Processes of a pool that end without having been asked to."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from billiard.pool import EX_OK, EX_RECYCLE

from harness.contenders.celery.pool_processes import Ended


class Processes:
    """As much of Celery's pool of processes as is watched."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.on_process_down: Callable[[Any], None] = self.told.append

    def end(self, exitcode: int, *, controlled: bool = False) -> None:
        """One of them has ended."""
        self.on_process_down(SimpleNamespace(exitcode=exitcode, _controlled_termination=controlled))


@pytest.mark.parametrize(
    ("exitcode", "controlled", "counts"),
    [(-15, False, 1), (-9, False, 1), (1, False, 1), (EX_OK, False, 0), (EX_RECYCLE, False, 0), (-9, True, 0)],
)
def test_one_that_was_not_asked_to_end_is_counted(exitcode: int, controlled: bool, counts: int) -> None:
    """Not one that has done as many tasks as it may, nor one whose task was revoked; the pool is told of each."""
    ended, processes = Ended(), Processes()
    ended.watch(SimpleNamespace(_pool=processes))
    processes.end(exitcode, controlled=controlled)
    assert (ended.take(), len(processes.told)) == (counts, 1)
    assert ended.take() == 0


def test_one_that_the_time_limit_has_killed_is_not_counted() -> None:
    """The application asked for it; the next one that ends is."""
    ended, processes, killed = Ended(), Processes(), list[Any]()
    handler = SimpleNamespace(_trywaitkill=killed.append)
    pool = SimpleNamespace(_pool=processes)
    processes._timeout_handler = handler  # type: ignore[attr-defined]
    for _ in range(2):
        ended.watch(pool)
        processes.on_process_down = processes.told.append  # as when it connects again
    ended.watch(pool)
    late = SimpleNamespace(exitcode=-9)
    handler._trywaitkill(late)
    processes.on_process_down(late)
    assert (ended.take(), killed) == (0, [late])
    processes.on_process_down(late)
    assert ended.take() == 1


def test_each_is_counted_once_however_often_the_pool_is_watched() -> None:
    """Also after the worker has connected again, when the pool has a new handler."""
    ended, processes = Ended(), Processes()
    pool = SimpleNamespace(_pool=processes)
    for _ in range(3):
        ended.watch(pool)
    processes.end(-9)
    processes.on_process_down = processes.told.append
    ended.watch(pool)
    processes.end(-9)
    assert (ended.take(), len(processes.told)) == (2, 2)


@pytest.mark.parametrize("pool", [SimpleNamespace(), SimpleNamespace(_pool=None), SimpleNamespace(_pool=object())])
def test_a_pool_without_processes_has_none_that_end(pool: object) -> None:
    """Threads, gevent, solo."""
    ended = Ended()
    ended.watch(pool)
    assert ended.take() == 0

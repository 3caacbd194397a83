"""A task whose end could not be told has ended all the same."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery.concurrency.base import apply_target
from celery.worker import state

from harness.contenders.celery.fleet.ending import note_ends


class Request:
    """What a worker executes."""

    id = name = "a"

    def __init__(self) -> None:
        self.results: list[Any] = []

    def on_success(self, result: Any) -> None:
        """Celery notes the end here."""
        self.results.append(result)


def pool_that_executes_here() -> Any:
    """As those with threads, greenlets or nothing."""
    pool = SimpleNamespace(uses_semaphore=False, on_apply=apply_target)
    note_ends(pool)
    return pool


def test_a_task_that_raised_outside_of_its_body_is_not_being_executed_any_more() -> None:
    """Its result could not be stored; the error goes on to whoever looks for it."""

    def ends() -> None:
        raise RuntimeError("Retry limit exceeded")

    request: Any = Request()
    state.task_reserved(request)
    state.task_accepted(request)
    with pytest.raises(RuntimeError):
        pool_that_executes_here().on_apply(ends, (), {}, callback=request.on_success)
    assert request not in state.active_requests
    assert request not in state.reserved_requests


def test_one_that_ends_as_it_should_is_noted_by_celery() -> None:
    """Nothing is added."""
    request = Request()
    pool_that_executes_here().on_apply(lambda: 7, (), {}, callback=request.on_success)
    assert request.results == [7]


def test_a_pool_of_processes_tells_the_ends_of_its_children() -> None:
    """What it executes is sent to them."""
    pool = SimpleNamespace(uses_semaphore=True, on_apply=apply_target)
    note_ends(pool)
    assert pool.on_apply is apply_target

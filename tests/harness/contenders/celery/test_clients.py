"""Which client publishes what a side declares, and what the tasks of a canvas are."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery, chain, chord

from harness.contenders.celery.batching import BatchingClient
from harness.contenders.celery.beat_client import BeatClient
from harness.contenders.celery.canvas import CanvasClient, tasks_of
from harness.contenders.celery.client import CeleryClient
from harness.contenders.celery.clients import client_for
from harness.contenders.celery.lean.client import LeanClient
from harness.contenders.celery.orchestrating import OrchestratingClient
from harness.contenders.celery.own_workers import OwnWorkers
from harness.contenders.contender import Assignment
from harness.services.brokers.broker import RPC, BrokerPlace, broker_url
from workloads.side import CelerySide
from workloads.workload import Services

app = Celery("clients", broker="memory://", set_as_current=False)


@app.task
def step(*replies: Any) -> None:
    """Any task."""


async def asks() -> None:
    """A caller's own code."""


@pytest.mark.parametrize(
    ("parts", "tuning", "kind"),
    [
        ({}, [], CeleryClient),
        ({}, ["batch"], BatchingClient),
        ({}, ["lean-producer"], LeanClient),
        ({}, ["usual-producer"], CeleryClient),
        ({"canvas": step.s}, [], CanvasClient),
        ({"request": asks}, [], OrchestratingClient),
        ({"beat_schedule": dict}, [], BeatClient),
    ],
)
async def test_the_declaration_decides_which_client(parts: dict[str, Any], tuning: list[str], kind: type) -> None:
    """Settings choose only where a request is one task."""
    place = BrokerPlace(broker_url("redis://127.0.0.1:1/0"), RPC)
    assignment = Assignment(workload="noop", tuning=tuning, slots=1, services=Services(), broker=place)
    unconnected = SimpleNamespace(backend=None, conf=SimpleNamespace(result_backend=RPC))
    assert type(client_for(unconnected, CelerySide(task=step, **parts), assignment)) is kind


async def test_a_backlog_is_published_by_the_lean_client_where_it_can_be() -> None:
    """What several tasks are is not."""
    place = BrokerPlace(broker_url("redis://127.0.0.1:1/0"), RPC)
    assignment = Assignment(workload="noop", slots=1, services=Services(), broker=place, backlog=True)
    unconnected = SimpleNamespace(backend=None, conf=SimpleNamespace(result_backend=RPC))
    assert type(client_for(unconnected, CelerySide(task=step), assignment)) is LeanClient
    assert type(client_for(unconnected, CelerySide(task=step, canvas=step.s), assignment)) is CanvasClient


@pytest.mark.parametrize(
    ("canvas", "numbers"),
    [
        (step.s(1), [1]),
        (chain(step.s(1), step.s(2), step.s(3)), [1, 2, 3]),
        (chord([step.s(1), step.s(2)], step.s(3)), [1, 2, 3]),
        (chord([chain(step.s(1), step.s(2)), step.s(3)], chain(step.s(4), step.s(5))), [1, 2, 3, 4, 5]),
    ],
)
def test_the_task_that_replies_is_the_last_of_a_canvas(canvas: Any, numbers: list[int]) -> None:
    """Of chains and chords, also within each other."""
    assert [task.args[0] for task in tasks_of(canvas)] == numbers


def test_a_side_commands_the_trials_workers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it names none, and where its result is revoked; those that it names are kept."""
    sent: list[Any] = []
    monkeypatch.setattr(app, "control", OwnWorkers(app, ["mine"]))
    monkeypatch.setattr(
        "celery.app.control.Control.broadcast",
        lambda self, command, arguments, destination, **options: sent.append((command, destination)),
    )
    app.AsyncResult("1.0").revoke(terminate=True)
    app.control.revoke(["1.0"])
    app.control.revoke(["1.0"], destination=["named"])
    assert sent == [("revoke", ["mine"]), ("revoke", ["mine"]), ("revoke", ["named"])]

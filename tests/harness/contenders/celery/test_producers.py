"""What publishes the requests of which work."""

import itertools
from typing import Any

import pytest
from celery import Celery

from harness.contenders.celery.producers import (
    APPLY_ASYNC,
    BATCH,
    producer_of,
    why_not_chunk,
    why_not_lean,
    why_not_own,
)
from harness.contenders.contender import contender_of
from harness.contenders.settings.celery_setting import CHUNK, CelerySetting
from harness.contenders.settings.setting import known, resolve
from harness.errors import UsageError
from harness.results.model import LEAN
from harness.services.brokers.broker import RPC, BrokerPlace, broker_url
from harness.services.waiting_places import waiting_place
from tests.harness.contenders.celery.lean.tasks import AS_ATTRIBUTES, Named, Publishes
from workloads.side import CelerySide

app = Celery("producers", broker="memory://", set_as_current=False)


NUMBERS = itertools.count()

pytestmark = AS_ATTRIBUTES


def step(**options: Any) -> Any:
    """A task with these options."""

    def work() -> None:
        """Nothing."""

    name = f"producers.{next(NUMBERS)}"
    declare: Any = app.task
    return declare(name=name, shared=False, **options)(work)


PLAIN = CelerySide(task=step())


def settings(*names: str) -> tuple[CelerySetting, ...]:
    """By their names."""
    return tuple(one for one in resolve("celery", names, "here") if isinstance(one, CelerySetting))


@pytest.mark.parametrize(
    ("tuning", "backlog", "producer"),
    [
        ([], False, APPLY_ASYNC),
        ([], True, LEAN),
        (["lean-producer"], False, LEAN),
        (["usual-producer"], True, APPLY_ASYNC),
        (["batch"], True, BATCH),
        (["chunk-4"], True, CHUNK),
        (["events"], True, APPLY_ASYNC),
        (["msgpack", "acks-late"], True, LEAN),
    ],
)
def test_settings_come_first_and_then_the_load(tuning: list[str], backlog: bool, producer: str) -> None:
    """A backlog is published by the lean producer, unless that would leave out the events that are asked for."""
    assert producer_of(settings(*tuning), PLAIN, backlog=backlog) == producer


@pytest.mark.parametrize(
    ("side", "one_execution", "reason"),
    [
        (PLAIN, True, None),
        (PLAIN, False, "plain requests"),
        (CelerySide(task=step(), canvas=dict), True, "plain requests"),
        (CelerySide(task=step(), beat_schedule=dict), True, "plain requests"),
        (CelerySide(task=step(ignore_result=True)), True, "ignores its result"),
        (CelerySide(task=step(expires=60)), True, "expires"),
        (CelerySide(task=step(base=Publishes)), True, "apply_async"),
        (CelerySide(task=step(base=Named)), True, "shadow_name"),
        (CelerySide(task=step(pydantic=True)), True, "pydantic"),
        (CelerySide(task=step(priority=3, time_limit=9, serializer="msgpack")), True, None),
    ],
)
def test_what_ready_made_messages_cannot_do_has_a_reason(
    side: CelerySide, one_execution: bool, reason: str | None
) -> None:
    """And is published by the application itself where nothing else is asked for."""
    why = why_not_lean(side, one_execution=one_execution)
    assert (why is None) == (reason is None)
    assert reason is None or reason in str(why)
    expected = LEAN if reason is None else APPLY_ASYNC
    assert producer_of((), side, one_execution=one_execution, backlog=True) == expected


@pytest.mark.parametrize(
    "place", [waiting_place(broker_url("redis://h/0"), None), BrokerPlace(broker_url("amqp://h//"), RPC)]
)
def test_work_that_is_asked_of_the_lean_producer_in_vain_is_not_supported(place: BrokerPlace) -> None:
    """With the reason, on each broker; the rest is supported on both."""
    lean = contender_of("celery-threads", ["lean-producer"])
    assert lean.cannot("noop", place) is None
    assert lean.cannot("flaky_http", place) is None
    for workload in ("pipeline", "first_response", "cancel", "delayed", "fire_and_forget", "periodic"):
        assert "plain requests" in str(lean.cannot(workload, place))


def test_one_producer_publishes() -> None:
    """Two are an error, and so are events that the lean one would leave out."""
    assert {"batch", "lean-producer", "usual-producer"} <= set(known("celery"))
    for one, other in (("batch", "lean-producer"), ("usual-producer", "lean-producer"), ("lean-producer", "events")):
        with pytest.raises(UsageError, match="exclude each other"):
            settings(one, other)


def test_who_publishes_is_known_of_a_contender() -> None:
    """Nobody does where nothing is published."""
    assert contender_of("celery-solo").producer("noop", backlog=True) == LEAN
    assert contender_of("celery-solo").producer("pipeline", backlog=True) == APPLY_ASYNC
    assert contender_of("asyncio").producer("noop", backlog=True) is None


def test_work_that_is_no_single_plain_task_cannot_share_one() -> None:
    """Neither can a job of the user's own in its own application, which has no task for chunks."""
    assert why_not_chunk(PLAIN, one_execution=True) is None
    assert "plain requests" in str(why_not_chunk(PLAIN, one_execution=False))
    assert "plain requests" in str(why_not_chunk(CelerySide(task=PLAIN.task, canvas=dict), one_execution=True))
    assert "executed once" in str(why_not_chunk(CelerySide(task=PLAIN.task, several=True), one_execution=True))
    assert "celery-asyncio" in str(why_not_own(CHUNK, plain=True))

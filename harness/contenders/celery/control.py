"""Sends commands to workers over Celery's remote control."""

from functools import cache
from typing import TYPE_CHECKING, Any

from harness.contenders.celery.answers import fault_of
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.services import calls
from harness.services.brokers.broker import BrokerPlace, peer_of

if TYPE_CHECKING:
    from kombu.entity import Queue

TASK_EXPIRES_S = 60.0
BROKER_LIMIT_S = 3.0
"""How long the broker may take beyond the time that workers have to answer."""
ERROR_CHARACTERS = 500
POOL_MOST = 1000
"""Connections: each question takes two, the second while it holds the first, so that Celery's default of 10 can
come to a standstill once ten are asked at the same time."""
Answers = dict[str, Any]
"""By the worker's name."""


async def ask(
    place: WorkersPlace, command: str, arguments: dict[str, Any] | None, names: list[str] | None, limit_s: float
) -> Answers:
    """What workers answer to a command within that time: those with these names, or all that respond.

    Raises ServiceError if the broker does not answer; and for an answer that is an error, where the worker was asked
    by its name: others are not ours.
    """
    await in_thread(_asker, place.broker)  # what it imports takes seconds on a busy machine: no silence of the broker's
    peer, most_s = peer_of(place.broker.url), limit_s + BROKER_LIMIT_S
    return await calls.ask(peer, broadcast, place, command, arguments or {}, names, limit_s, limit_s=most_s)


def _fault(command: str, answer: Any) -> str | None:
    """Why an answer is none: the worker says so, or it has not the form of one."""
    if isinstance(answer, dict) and "error" in answer:
        return str(answer["error"])[:ERROR_CHARACTERS]
    return fault_of(command, answer)


def who(answer: Any) -> str:
    """Which process an answer comes from, as far as it says so."""
    said = answer if isinstance(answer, dict) else {}
    held = said.get("held", said)
    words = str(held.get("instance", "")).split() if isinstance(held, dict) else []
    pid = words[2] if len(words) > 2 else "?"  # see `harness.machine.lifetime.owner`
    return f"process {pid} on {said.get('host', 'its host')}"[:300]


@cache
def _asker(broker: BrokerPlace) -> Any:
    """An application that only asks: one for each broker, because an application keeps its connections."""
    from celery import Celery

    from harness.contenders.celery.config import connections, forget_environment

    forget_environment()
    app = Celery("asker", set_as_current=False, fixups=[])
    app.conf.update(
        connections(broker),
        accept_content=["json", "msgpack"],
        task_serializer="json",
        result_serializer="json",
        broker_pool_limit=POOL_MOST,
    )
    return app


def publish(broker: BrokerPlace, name: str, arguments: list[str], queue: "Queue", producer: Any) -> None:
    """Publish a task whose result is not waited for, by a producer of that broker; it blocks.

    A broker that can drops it after a time by its own clock. Celery's `expires` is a moment by the publisher's wall
    clock: on a machine that is a minute ahead, it would have passed before the task arrives.
    """
    _asker(broker).send_task(
        name, args=arguments, queue=queue, ignore_result=True, expiration=TASK_EXPIRES_S, producer=producer
    )


def broadcast(
    place: WorkersPlace, command: str, arguments: dict[str, Any], names: list[str] | None, limit_s: float
) -> Answers:
    """The same as `ask`, where there is no event loop; it blocks, and raises what kombu and its transports raise."""
    replies = _asker(place.broker).control.broadcast(
        command,
        arguments=arguments,
        destination=names,
        reply=True,
        timeout=limit_s,
        limit=len(names) if names is not None else None,
    )
    answers: Answers = {}
    for name, answer in (item for reply in replies or [] if isinstance(reply, dict) for item in reply.items()):
        if name in answers:
            raise ServiceError(
                f"two processes answer to the name {name[:255]} on {place.broker.url}: {who(answers[name])} and "
                f"{who(answer)}. End one, or start it again with another --name."
            )
        answers[name] = answer
    failed = {name: fault for name, answer in answers.items() if (fault := _fault(command, answer)) is not None}
    if failed and names is not None:
        raise ServiceError(
            "; ".join(f"worker {name} could not answer {command}: {error}" for name, error in failed.items())
        )
    return {name: answer for name, answer in answers.items() if name not in failed}

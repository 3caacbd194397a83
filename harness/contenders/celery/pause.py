"""Pauses and resumes the consumption of a queue over Celery's remote control."""

import time
from typing import Any

from harness.errors import ServiceError

PAUSE_LIMIT_S = 5.0
REPLY_LIMIT_S = 2.0
POLL_S = 0.002


def pause(app: Any, queue: str, workers: list[str], throw_away: Any) -> None:
    """Return once nothing takes messages from `queue`; raises ServiceError if that takes too long.

    On Redis a worker waits for messages in a BRPOP that goes on after the queue was cancelled, and takes one more
    message, which it then gives back. So `throw_away()` publishes one: once it stays in the queue, no worker waits.
    """
    deadline = time.monotonic() + PAUSE_LIMIT_S
    _command(app, "cancel_consumer", queue, workers)
    while any(queue in _active(app, worker) for worker in workers):
        _give_up_after(deadline, queue)
    with app.connection_for_write() as connection:
        bound = app.amqp.queues[queue](connection.default_channel)
        throw_away()
        while waiting(bound) == 0:
            _give_up_after(deadline, queue)
            time.sleep(POLL_S)
        bound.purge()


def resume(app: Any, queue: str, workers: list[str]) -> None:
    """Make the workers consume from the queue again."""
    _command(app, "add_consumer", queue, workers)


def waiting(queue: Any) -> int:
    """How many messages are in the queue; `queue` is bound to a channel.

    Declared anew, which changes nothing: a passive declaration does not see a queue below a key prefix (kombu 5.7).
    """
    return int(queue.queue_declare().message_count)


def _command(app: Any, command: str, queue: str, workers: list[str]) -> None:
    answered = _ask(app, command, {"queue": queue}, workers)
    silent = ", ".join(worker for worker in workers if worker not in answered)
    if silent:
        raise ServiceError(f"worker {silent} did not answer {command} within {REPLY_LIMIT_S:g} s")


def _active(app: Any, worker: str) -> list[str]:
    """The queues that a worker takes messages from."""
    answer = _ask(app, "active_queues", {}, [worker]).get(worker) or []
    return [queue["name"] for queue in answer if isinstance(queue, dict) and "name" in queue]


def _ask(app: Any, command: str, arguments: dict[str, Any], workers: list[str]) -> dict[str, Any]:
    replies = app.control.broadcast(
        command, arguments=arguments, destination=workers, reply=True, timeout=REPLY_LIMIT_S, limit=len(workers)
    )
    return {name: answer for reply in replies or [] if isinstance(reply, dict) for name, answer in reply.items()}


def _give_up_after(deadline: float, queue: str) -> None:
    if time.monotonic() > deadline:
        raise ServiceError(f"the workers did not stop taking messages from {queue} within {PAUSE_LIMIT_S:g} s")

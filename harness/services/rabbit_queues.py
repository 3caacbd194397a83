"""Queues and exchanges of a RabbitMQ: looked at and removed by name.

What is here blocks, and raises what kombu and amqp raise.
"""

import contextlib
import time
from typing import Any

LETS_GO_S = 2.5
"""A worker with the pool gevent looks every two seconds at what it was told."""
POLL_S = 0.05
LOOKS = 4


def of_control(name: str) -> list[str]:
    """The exchanges of a remote control, for both ways."""
    return [f"{name}.pidbox", f"reply.{name}.pidbox"]


def is_used(channel: Any, name: str) -> bool:
    """Whether workers go on to take from a queue; those that were told to end do so within `LETS_GO_S`."""
    from amqp.exceptions import NotFound

    until_s = time.monotonic() + LETS_GO_S
    with contextlib.suppress(NotFound):  # nobody has declared it
        while channel.queue_declare(name, passive=True).consumer_count:
            if time.monotonic() > until_s:
                return True
            time.sleep(POLL_S)
    return False


def has_alone(channel: Any, name: str) -> bool:
    """Whether a queue of that name, which goes with its connection, is this one's own; made where there is none."""
    from amqp.exceptions import ResourceLocked

    try:
        channel.queue_declare(name, exclusive=True)
    except ResourceLocked:
        return False
    return True


def is_there(connection: Any, name: str) -> bool:
    """Whether there is a queue of that name, also where another connection has it alone; nodes may know it late."""
    from amqp.exceptions import ResourceLocked

    for _ in range(LOOKS):
        try:
            if messages_in(connection, name) is not None:
                return True
        except ResourceLocked:
            return True
        time.sleep(POLL_S)
    return False


def messages_in(connection: Any, queue: str) -> int | None:
    """How many are ready in a queue; None where it is not there."""
    from amqp.exceptions import NotFound

    with contextlib.suppress(NotFound):  # nobody has declared it
        return int(connection.channel().queue_declare(queue, passive=True).message_count)
    return None


def delete(connection: Any, *, queues: list[str], exchanges: list[str]) -> None:
    """Delete those that there are."""
    from amqp.exceptions import NotFound

    for name in queues:
        with contextlib.suppress(NotFound):  # it was never declared
            connection.channel().queue_delete(name)
    for name in exchanges:
        with contextlib.suppress(NotFound):  # it was never declared either
            connection.channel().exchange_delete(name)

"""Queues and exchanges of a RabbitMQ: looked at and removed by name.

What is here blocks, and raises what kombu and amqp raise.
"""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from harness.services.calls import ANSWER_LIMIT_S
from harness.services.url import Url

LETS_GO_S = 2.5
"""A worker with the pool gevent looks every two seconds at what it was told."""
POLL_S = 0.05


@contextlib.contextmanager
def connected(url: Url) -> Iterator[Any]:
    """Open a new connection once."""
    from amqp.exceptions import AMQPError
    from kombu.connection import Connection

    connection: Any = Connection(url.reveal(), connect_timeout=ANSWER_LIMIT_S)
    try:
        connection.ensure_connection(max_retries=1, interval_start=0)  # `connect` waits for 2 s before it tries again
        yield connection
    finally:
        with contextlib.suppress(AMQPError, OSError):  # nothing is left to be released of one that is broken
            connection.release()


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


def delete(connection: Any, *, queues: list[str], exchanges: list[str]) -> None:
    """Delete those that there are."""
    from amqp.exceptions import NotFound

    for name in queues:
        with contextlib.suppress(NotFound):  # it was never declared
            connection.channel().queue_delete(name)
    for name in exchanges:
        with contextlib.suppress(NotFound):  # it was never declared either
            connection.channel().exchange_delete(name)

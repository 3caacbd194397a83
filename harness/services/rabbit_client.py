"""A connection to a RabbitMQ. What is here blocks; see `harness.services.calls`."""

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

from harness.services.calls import ANSWER_LIMIT_S
from harness.services.causes import Peer
from harness.services.url import Url

NOBODY = "workbench-nobody"
"""A queue that is not there, so that what is sent to it is dropped."""


def peer_of(url: Url) -> Peer:
    """The RabbitMQ at a URL, as messages name it."""
    return Peer(
        f"the broker {url}",
        "RabbitMQ",
        (url,),
        credentials="amqp://USER:PASSWORD@HOST:5672/VHOST (the virtual host / is written //)",
    )


def tls_of(url: Url) -> dict[str, Any] | bool:
    """Options of TLS: the certificate has to be that of the host, which py-amqp does not ask of itself."""
    return {"server_hostname": url.host} if url.scheme == "amqps" else False


@contextlib.contextmanager
def connected(url: Url, *, heartbeat_s: float = 0.0) -> Iterator[Any]:
    """Open a new connection once; raises what kombu and amqp raise.

    `heartbeat_s`: RabbitMQ closes it once nothing has been said for twice as long; 0: never.
    """
    from amqp.exceptions import AMQPError, ResourceError
    from kombu.connection import Connection

    limits = {"read_timeout": ANSWER_LIMIT_S, "write_timeout": ANSWER_LIMIT_S} if heartbeat_s else {}
    connection: Any = Connection(
        url.reveal(),
        ssl=tls_of(url),
        connect_timeout=ANSWER_LIMIT_S,
        heartbeat=heartbeat_s,
        transport_options=limits,
    )
    try:
        connection.ensure_connection(max_retries=1, interval_start=0)  # `connect` waits for 2 s before it tries again
        yield connection
    except ResourceError:  # one that is blocked is not read either, and would not answer to its end
        connection.collect()
        raise
    finally:
        with contextlib.suppress(AMQPError, OSError):  # nothing is left to be released of one that is broken
            connection.release()


def properties_of(url: Url) -> dict[str, Any]:
    """What it says of itself to everybody who may connect; raises what kombu and amqp raise, also if it is blocked."""
    with connected(url) as connection:
        publish_to_nobody(connection)
        return properties_in(connection)


def properties_in(connection: Any) -> dict[str, Any]:
    """Those that it said when the connection was opened."""
    return dict(connection.connection.server_properties)


def try_rights(connection: Any) -> None:
    """Do what a run does with its queues, below names that a run's begin with; raises AccessRefused. It leaves nothing.

    The queue ends with its connection, and the exchange with its last queue.
    """
    from amqp.basic_message import Message

    name = f"workbench-probe-{secrets.token_hex(4)}"
    channel = connection.channel()
    channel.exchange_declare(name, "direct", auto_delete=True)
    channel.queue_declare(name, exclusive=True)
    channel.queue_bind(name, name, name)
    channel.basic_publish(Message(""), exchange=name, routing_key=name)
    channel.basic_get(name, no_ack=True)
    channel.queue_delete(name)


def publish_to_nobody(connection: Any) -> None:
    """Raise ResourceError where an alarm blocks publishers, which whoever only connects or consumes does not notice."""
    from amqp.basic_message import Message
    from amqp.exceptions import ResourceError

    def blocked(_: str) -> None:
        raise ResourceError("an alarm (memory or disk) blocks publishers")

    connection.connection.on_blocked = blocked
    channel = connection.channel()
    channel.basic_publish(Message(""), exchange="", routing_key=NOBODY)
    channel.close()  # its answer comes once the message was taken

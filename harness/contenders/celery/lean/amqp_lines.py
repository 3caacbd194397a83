"""The two connections to RabbitMQ: one that publishes, one on which results arrive as messages (`rpc`)."""

from collections.abc import Callable, Iterable, Sequence
from socket import socket
from struct import pack
from typing import Any

from amqp import spec
from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError, OperationalError
from kombu.message import Message

from harness.contenders.celery.lean.amqp_messages import METHOD, frame
from harness.contenders.celery.lean.batch import Batch
from harness.contenders.celery.lean.frames import Closed, Delivery, Frames
from harness.contenders.celery.lean.line import Line

GOODBYE = frame(METHOD, 0, pack(">HHHBHH", *spec.Connection.Close, 200, 0, 0, 0))


class AmqpLine(Line):
    """Takes over a connection of kombu's, with one open channel."""

    errors = (AMQPError, KombuError, OSError)

    def __init__(self, app: Any, on_up: Callable[[], None]) -> None:
        super().__init__(on_up)
        self._app = app
        self._connection: Any = None
        self._frames = Frames()
        self._early = b""
        """What py-amqp had read already."""

    def _connect(self) -> socket:
        self._connection = self._app.connection_for_write()
        self._prepare(self._connection.default_channel)
        transport = self._connection.connection.transport
        self._early = bytes(transport._read_buffer)
        connected: socket = transport.sock
        return connected

    def _prepare(self, channel: Any) -> None:
        """Called with the channel before it is taken over."""

    def _disconnect(self) -> None:
        self._connection.collect()

    def close(self) -> None:
        """RabbitMQ would log a connection that ends without a word."""
        self._write(GOODBYE)
        super().close()

    def _opened(self) -> None:
        self._frames = Frames()
        self._is_up()
        if self._early:
            self._received(self._early)

    def _received(self, data: bytes) -> None:
        try:
            for delivery in self._frames.fed(data):
                self._delivered(delivery)
        except Closed as error:
            self._break(error)

    def _delivered(self, delivery: Delivery) -> None:
        """Called with each message that arrives."""


class AmqpPublisher(AmqpLine):
    """Writes the frames of a batch at once. As with the usual client, nothing confirms that RabbitMQ has it."""

    what = "publishing"

    def __init__(self, app: Any, on_up: Callable[[], None]) -> None:
        super().__init__(app, on_up)
        self._under_way: list[Batch] = []

    def send(self, _queue: bytes, batch: Batch) -> None:
        """Its publishing ends when the kernel has it; its frames name the queue."""
        self._under_way.append(batch)
        self._write(b"".join(batch.messages))
        if self.has_sent_all:
            self._sent_all()

    def _sent_all(self) -> None:
        for batch in self._under_way:
            batch.is_published()
        self._under_way.clear()

    def _lost(self, error: Exception) -> None:
        """What the kernel had not taken whole is gone; of what it had, nobody knows, because nothing is confirmed."""
        for batch in self._under_way:
            batch.has_failed(OperationalError(f"publishing was interrupted: {error}"))
        self._under_way.clear()


class AmqpResults(AmqpLine):
    """Results as messages, on the queue that the application has for them."""

    what = "results"

    def __init__(self, app: Any, arrived: Callable[[str, Any], None], on_up: Callable[[], None]) -> None:
        """`arrived` is called with a task's id and the message that is its result."""
        super().__init__(app, on_up)
        self._backend = app.backend
        self._queue = app.backend.binding
        self._arrived = arrived

    def _prepare(self, channel: Any) -> None:
        bound = self._queue(channel)
        bound.declare()
        channel.basic_consume(queue=bound.name, no_ack=True)

    def _delivered(self, delivery: Delivery) -> None:
        self._arrived(delivery.properties["correlation_id"], delivery)

    def decoded(self, delivery: Delivery) -> Any:
        """The result metadata."""
        properties = delivery.properties
        message = Message(
            body=delivery.body,  # type: ignore[arg-type]  # bytes, whatever the stubs say
            content_type=properties.get("content_type"),
            content_encoding=properties.get("content_encoding"),
            headers=properties.get("application_headers") or {},
            accept=self._backend.accept,
        )
        return self._backend.meta_from_decoded(message.payload)

    def expect(self, ids: Iterable[str]) -> None:
        """One queue has all."""

    def forget(self, task_id: str) -> None:
        """Nothing is kept of it."""

    def stored(self, ids: Sequence[str]) -> list[tuple[str, Any]]:
        """None: a message is delivered once."""
        return []

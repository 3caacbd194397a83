"""RabbitMQ as broker: a server that the run starts, or the one whose URL was given.

Results are stored in a Redis, or sent as messages (`rpc`).
"""

import contextlib
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from harness.errors import ServiceError, UsageError
from harness.machine.usage import Reading, together
from harness.results import model
from harness.services.brokers.broker import (
    EXTERNAL_PREFIX,
    RPC,
    BrokerPlace,
    BrokerService,
    Left,
    Observed,
)
from harness.services.calls import ask
from harness.services.causes import Peer
from harness.services.rabbit_client import (
    connected,
    peer_of,
    properties_in,
    properties_of,
    publish_to_nobody,
    try_rights,
)
from harness.services.rabbit_metrics import Metrics
from harness.services.rabbit_name import RabbitName
from harness.services.rabbit_queues import delete, has_alone, is_there, is_used, messages_in, of_control
from harness.services.servers.rabbitmq import OwnRabbit, find_binaries, no_server
from harness.services.url import Url


class RabbitKind:
    """Opens a RabbitMQ."""

    schemes = ("amqp", "amqps", "pyamqp")
    example = "amqp://USER:PASSWORD@HOST:5672//"
    names_are_shared = True

    def peer_of(self, url: Url) -> Peer:
        """As messages name it."""
        return peer_of(url)

    def cannot_start(self) -> str | None:
        """That no server is installed here; None if one is."""
        return None if find_binaries() else no_server(self.example)

    def left_behind(self, url: Url, *, remove: bool) -> list[str]:
        """Nothing: a queue says neither whose it is nor whether that run lives (see `harness.services.leftovers`)."""
        return []

    def forget_waiting(self, url: Url, there: Iterable[str]) -> list[str]:
        """The exchanges of their remote control, once nobody is there; their queues expire after half a minute."""
        if not list(there):
            with connected(url) as connection:
                delete(connection, queues=[], exchanges=of_control(EXTERNAL_PREFIX.rstrip(":")))
        return []

    def canonical(self, url: Url, where: str) -> Url:
        """As it is; raises UsageError for an option, which Celery would take for a setting of its own."""
        if url.options:
            raise UsageError(f"{where} {url}: a RabbitMQ takes no options in its URL. Expected {self.example}.")
        if not url.host:
            raise UsageError(f"{where} {url}: it has no host. Expected {self.example}.")
        return url

    def try_out(self, url: Url, key_prefix: str = EXTERNAL_PREFIX) -> dict[str, Any]:
        """Its properties; raises what kombu and amqp raise where a run could not use it."""
        with connected(url) as connection:
            publish_to_nobody(connection)  # first: nothing that is tried of one that is blocked comes back
            try_rights(connection)
            return properties_in(connection)

    def name(self, url: Url, name: str) -> RabbitName:
        """A queue."""
        return RabbitName(url, name)

    def are_one(self, one: BrokerService, other: BrokerService) -> bool:
        """Whether a queue of the one is there on the other: several clusters may have the same name."""
        if one.identity != other.identity:
            return False
        name = f"workbench-{uuid.uuid4().hex}"
        with connected(one.place.url) as here, connected(other.place.url) as there:
            return has_alone(here.channel(), name) and is_there(there, name)

    def remove_queues(self, url: Url, control: str, queues: list[str]) -> None:
        """Remove queues, and the exchanges of a run's remote control. It blocks."""
        with connected(url) as connection:
            delete(connection, queues=queues, exchanges=[*queues, *of_control(control)])

    async def open(
        self,
        url: Url | None,
        key_prefix: str,
        folder: Path,
        *,
        shared: bool = False,
        results: BrokerService | None = None,
    ) -> "RabbitBroker":
        """The RabbitMQ at `url`, else a server of the run's own."""
        if url is not None:
            said = await ask(self.peer_of(url), self.try_out, url, key_prefix)
            return RabbitBroker(url, key_prefix, said, results, shared=shared)
        if (binaries := find_binaries()) is None:
            raise ServiceError(no_server(self.example))
        server = OwnRabbit(binaries, folder)
        try:
            await server.start()
        except BaseException:
            await server.stop()
            raise
        return RabbitBroker(server.url, key_prefix, server.said, results, server, shared=False)


BROKER = RabbitKind()


class RabbitBroker:
    """A RabbitMQ that answers, with what this run declares there."""

    def __init__(
        self,
        url: Url,
        key_prefix: str,
        said: dict[str, Any],
        results: BrokerService | None,
        server: OwnRabbit | None = None,
        *,
        shared: bool,
    ) -> None:
        """`said`: what it says of itself."""
        self._results = results
        self._shared = shared
        self.socket_place = None
        self.place = BrokerPlace(
            url=url,
            backend=results.place.url if results else RPC,
            key_prefix=results.place.key_prefix if results else "",
            control=key_prefix.rstrip(":"),
        )
        self.peer = BROKER.peer_of(url)
        self._said = said
        self._version = str(said.get("version", "?"))
        self._metrics = Metrics(url.host, said.get("cluster_name"))
        self.server = server

    def describe(self) -> model.BrokerDescription:
        """For the results document."""
        return model.BrokerDescription(
            url=self.place.url.shown,
            server="rabbitmq",
            version=self._version,
            own=self.is_own,
            backend=self._results.describe().server if self._results else "rpc",
        )

    @property
    def identity(self) -> str:
        """By its cluster's name for itself, and the virtual host: nodes of a cluster have their queues in common."""
        cluster, path = self._said.get("cluster_name", self.place.url), self.place.url.path
        return f"{cluster} {unquote(path[1:]) or '/'}"

    def reading(self) -> Reading:
        """Usage since the server started; without plugins, one of the run's own counts no messages."""
        own, *others = self.readings().values()
        return together([own, *others]) if others else own

    def readings(self) -> dict[str, Reading]:
        """That of the server, and of what keeps its results."""
        if self.server is not None:
            own = {str(self.server.pid): self.server.reading()}
        else:
            reading = self._metrics.reading()
            own = {self._metrics.server: reading}
        return own | (self._results.readings() if self._results else {})

    @property
    def is_own(self) -> bool:
        """Whether the run started it."""
        return self.server is not None

    def answer(self) -> None:
        """Return if it takes messages now, and the Redis that keeps its results answers."""
        properties_of(self.place.url)
        if self._results is not None:
            self._results.answer()

    def note(self, queues: Iterable[str]) -> None:
        """Nothing: they are noted elsewhere (see `harness.services.leftovers`), or expire."""

    def forget_results(self, trial: int, unclean: bool) -> None:
        """Where a Redis keeps them; as messages they have gone to their driver."""
        if self._results is not None:
            self._results.forget_results(trial, unclean)

    def waiting(self, queue: str) -> int:
        """Ready ones; none where it has not been declared."""
        with connected(self.place.url) as connection:
            return messages_in(connection, queue) or 0

    def remove_queue(self, name: str) -> None:
        """Delete a queue with its exchange of the same name.

        A worker from which a queue is taken connects again, and declares it again. So one that workers elsewhere still
        take from is only emptied, and expires after the last of them.
        """
        with connected(self.place.url) as connection:
            if self._shared and is_used(connection.channel(), name):
                connection.channel().queue_purge(name)
            else:
                delete(connection, queues=[name], exchanges=[name])

    def left(self, queue: str, trial: int) -> Left:
        """In the queue: each message is taken, and goes back when the channel is closed.

        It holds nothing back for those that have gone.
        """
        ready = set()
        with connected(self.place.url) as connection, contextlib.closing(connection.channel()) as channel:
            while (message := channel.basic_get(queue)) is not None:
                of, _, number = str(message.headers.get("id", "")).partition(".")
                if of == str(trial) and number.isdecimal():
                    ready.add(int(number))
        return Left(frozenset(ready), frozenset())

    def clear(self, queue: str, trial: int) -> None:
        """Remove all that waits in the queue; workers that have gone hold nothing."""
        with connected(self.place.url) as connection, contextlib.closing(connection.channel()) as channel:
            channel.queue_purge(queue)

    def observed(self, queue: str) -> Observed:
        """Whether the queue is there; of what others do, it counts nothing, unlike the Redis that keeps the results."""
        of_results = self._results.observed(queue) if self._results is not None else Observed({}, False, None)
        with connected(self.place.url) as connection:
            ready = messages_in(connection, queue)
        return of_results._replace(is_bound=ready is not None, waiting=ready or 0, knows_held=False)

    def gone(self) -> str | None:
        """How the run's own server ended; None while it runs, or where it is not ours."""
        return self.server.gone() if self.server else None

    def stopped(self) -> str | None:
        """That a signal has stopped the run's own server; None else, or where it is not ours."""
        return self.server.stopped() if self.server else None

    async def close(self, grace_s: float) -> None:
        """Of a given one, remove the exchanges of this run's remote control; end one of the run's own.

        The run's queues went with the workers, or one by one.
        """
        if self.server is not None:
            await self.server.stop()
        if self.server is not None or self._shared:
            return
        with contextlib.suppress(ServiceError):  # it is gone, or will not: nothing waits for that
            await ask(self.peer, self._remove_control)

    def _remove_control(self) -> None:
        with connected(self.place.url) as connection:
            delete(connection, queues=[], exchanges=of_control(self.place.control))

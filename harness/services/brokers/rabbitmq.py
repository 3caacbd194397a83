"""RabbitMQ as broker, whose URL must be given. Results are stored in a Redis, or sent as messages (`rpc`)."""

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import urllib3

from harness.errors import ServiceError, UsageError
from harness.machine.usage import Reading, together
from harness.results import model
from harness.results.trials import OF_MESSAGES, PUBLISHED
from harness.services.brokers.broker import (
    EXTERNAL_PREFIX,
    RPC,
    BrokerPlace,
    BrokerService,
    Left,
    Observed,
)
from harness.services.calls import ANSWER_LIMIT_S, as_service_error, ask
from harness.services.causes import Peer
from harness.services.fetching import fetched
from harness.services.rabbit_queues import connected, delete, is_used, of_control
from harness.services.url import Url

METRICS_PORT = 15692
"""Of RabbitMQ's own plugin for Prometheus; the management API does not report CPU time."""
CPU_MS = "erlang_vm_statistics_runtime_milliseconds"
MEMORY_BYTES = "rabbitmq_process_resident_memory_bytes"
RECEIVED = "rabbitmq_global_messages_received"
"""A counter, whose `_total` the parser leaves out; as in all of these."""
MESSAGES = {
    PUBLISHED: RECEIVED,
    f"{OF_MESSAGES}delivered": "rabbitmq_global_messages_delivered",
    f"{OF_MESSAGES}acknowledged": "rabbitmq_global_messages_acknowledged",
}
"""What becomes of messages → its counter, which is right at any moment; those of queues and connections lag by 5 s."""
BYTES = ("erlang_vm_statistics_bytes_received", "erlang_vm_statistics_bytes_output")
"""Of all its connections, that on which it is asked for them among them."""
OPENED = "rabbitmq_connections_opened"
SCHEDULERS = "erlang_vm_schedulers_online"


class RabbitKind:
    """Opens a RabbitMQ."""

    schemes = ("amqp", "amqps", "pyamqp")
    example = "amqp://USER:PASSWORD@HOST:5672//"
    own = False
    names_are_shared = True

    def peer_of(self, url: Url) -> Peer:
        """As messages name it."""
        return Peer(
            f"the broker {url}",
            "RabbitMQ",
            (url,),
            credentials="amqp://USER:PASSWORD@HOST:5672/VHOST (the virtual host / is written //)",
        )

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
        """Its properties."""
        with connected(url) as connection:
            return dict(connection.connection.server_properties)

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
        """The RabbitMQ at `url`: a run cannot start one."""
        if url is None:
            raise ServiceError(f"no RabbitMQ was given: add --broker {self.example}.")
        said = await ask(self.peer_of(url), self.try_out, url, key_prefix)
        return RabbitBroker(url, key_prefix, str(said.get("version", "?")), results, shared=shared)


BROKER = RabbitKind()


class RabbitBroker:
    """A RabbitMQ that answers, with what this run declares there."""

    def __init__(self, url: Url, key_prefix: str, version: str, results: BrokerService | None, *, shared: bool) -> None:
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
        self._version = version
        self._asked = 0
        """Bytes that it has sent because it was read."""

    def describe(self) -> model.BrokerDescription:
        """For the results document."""
        return model.BrokerDescription(
            url=self.place.url.shown,
            server="rabbitmq",
            version=self._version,
            own=False,
            backend=self._results.describe().server if self._results else "rpc",
        )

    def reading(self) -> Reading:
        """Usage since the server started, by its Prometheus plugin; `count` is the messages it has received."""
        host = self.place.url.host
        host = f"[{host}]" if ":" in host else host
        url = f"http://{host}:{METRICS_PORT}/metrics"
        metrics = Peer(
            f"RabbitMQ does not report its CPU time: {url}",
            "the plugin rabbitmq_prometheus",
            otherwise=" Enable it: rabbitmq-plugins enable rabbitmq_prometheus",
        )
        with as_service_error(metrics), urllib3.PoolManager(timeout=ANSWER_LIMIT_S, retries=False) as http:
            status, body = fetched(http, "GET", url)
        figures = totals(body.decode(errors="replace"))
        if CPU_MS not in figures:
            raise ServiceError(f"RabbitMQ does not report its CPU time: {url} has no {CPU_MS} (status {status}).")
        cpu_s = figures[CPU_MS] / 1000
        own = Reading(
            at_ns=time.monotonic_ns(),
            cpu_s=cpu_s,
            main_cpu_s=cpu_s,
            processes=1,
            memory_mb=figures[MEMORY_BYTES] / 1e6 if MEMORY_BYTES in figures else None,
            memory_kind="rss",
            # It has a thread for each core; of the busiest process, a share of one core is looked at.
            cpu_each={"rabbitmq": cpu_s / max(1.0, figures.get(SCHEDULERS, 1.0))},
            count=int(figures[RECEIVED]) if RECEIVED in figures else None,
            calls={name: int(figures[counter]) for name, counter in MESSAGES.items() if counter in figures},
            bytes_moved=int(sum(figures[way] for way in BYTES)) - self._asked if figures.keys() >= set(BYTES) else None,
            accepted=int(figures[OPENED]) if OPENED in figures else None,
        )
        self._asked += len(body)
        return together([own, self._results.reading()]) if self._results else own

    @property
    def is_own(self) -> bool:
        """False: a run never starts a RabbitMQ."""
        return False

    def answer(self) -> None:
        """Return if it, and the Redis that keeps its results, answers now."""
        with connected(self.place.url):
            pass
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
        from amqp.exceptions import NotFound

        with connected(self.place.url) as connection, contextlib.suppress(NotFound):  # nobody has declared it yet
            return int(connection.channel().queue_declare(queue, passive=True).message_count)
        return 0

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

    @property
    def server(self) -> None:
        """None: a run never starts a RabbitMQ."""
        return None

    def observed(self, queue: str) -> Observed:
        """Whether the queue is there; of what others do, it counts nothing, unlike the Redis that keeps the results."""
        from amqp.exceptions import NotFound

        of_results = self._results.observed(queue) if self._results is not None else Observed({}, False, None)
        with connected(self.place.url) as connection:
            try:
                connection.channel().queue_declare(queue, passive=True)
            except NotFound:
                return of_results._replace(is_bound=False, waiting=None)
        return of_results._replace(is_bound=True, waiting=None)

    def gone(self) -> str | None:
        """None: a run never starts a RabbitMQ."""
        return None

    def stopped(self) -> str | None:
        """None: a run never starts a RabbitMQ."""
        return None

    async def close(self, grace_s: float) -> None:
        """Remove the exchanges of this run's remote control; its queues went with the workers, or one by one."""
        if self._shared:
            return
        with contextlib.suppress(ServiceError):  # it is gone, or will not: nothing waits for that
            await ask(self.peer, self._remove_control)

    def _remove_control(self) -> None:
        with connected(self.place.url) as connection:
            delete(connection, queues=[], exchanges=of_control(self.place.control))


def totals(text: str) -> dict[str, float]:
    """Figures of Prometheus' text format by name; those of one name are added up over their labels."""
    from prometheus_client.parser import text_string_to_metric_families

    try:
        families = list(text_string_to_metric_families(text))
    except ValueError:
        return {}  # another kind of page
    return {family.name: sum(sample.value for sample in family.samples) for family in families}

"""What a RabbitMQ tells of its usage: by its own plugin for Prometheus. What is here blocks."""

import re
import time

import urllib3

from harness.errors import ServiceError
from harness.machine.usage import Reading
from harness.results.trials import OF_MESSAGES, PUBLISHED
from harness.services.calls import ANSWER_LIMIT_S, as_service_error
from harness.services.causes import Peer
from harness.services.fetching import fetched

PORT = 15692
"""Of the plugin; the management API does not report CPU time."""
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
IDENTITY = re.compile(r"^rabbitmq_identity_info\{([^}\n]*)\}", re.MULTILINE)
"""Whose figures they are: the node, and its cluster."""
CLUSTER = re.compile(r'\brabbitmq_cluster="([^"]*)"')


class Metrics:
    """Of the RabbitMQ on that host, whose plugin has the same port for all that may be there."""

    def __init__(self, host: str, cluster: str | None = None) -> None:
        """`cluster`: what it is called, where it says so."""
        self._cluster = cluster
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{PORT}/metrics"
        self.server = self.url
        """Which server it has read, by whatever host it was reached; the address of one that does not say."""
        self._asked = 0
        """Bytes that it has sent because it was read."""

    def reading(self) -> Reading:
        """Usage since the server started; `count` is the messages it has received."""
        metrics = Peer(
            f"RabbitMQ does not report its CPU time: {self.url}",
            "the plugin rabbitmq_prometheus",
            otherwise=" Enable it: rabbitmq-plugins enable rabbitmq_prometheus",
        )
        with as_service_error(metrics), urllib3.PoolManager(timeout=ANSWER_LIMIT_S, retries=False) as http:
            status, body = fetched(http, "GET", self.url)
        page = body.decode(errors="replace")
        if (identity := IDENTITY.search(page)) is not None:
            self.server = identity[1]
        of = CLUSTER.search(self.server)
        if of is not None and self._cluster is not None and of[1] != self._cluster:
            raise ServiceError(
                f"RabbitMQ does not report its CPU time: {self.url} is that of {of[1][:100]}, and this one is "
                f"{self._cluster[:100]}"
            )
        figures = totals(page)
        if CPU_MS not in figures:
            raise ServiceError(f"RabbitMQ does not report its CPU time: {self.url} has no {CPU_MS} (status {status}).")
        cpu_s = figures[CPU_MS] / 1000
        reading = Reading(
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
        return reading


def totals(text: str) -> dict[str, float]:
    """Figures of Prometheus' text format by name; those of one name are added up over their labels."""
    from prometheus_client.parser import text_string_to_metric_families

    try:
        families = list(text_string_to_metric_families(text))
    except ValueError:
        return {}  # another kind of page
    return {family.name: sum(sample.value for sample in family.samples) for family in families}

"""What RabbitMQ tells by its Prometheus plugin."""

import pytest

from harness.errors import ServiceError
from harness.services import rabbit_metrics
from harness.services.rabbit_metrics import CPU_MS, MEMORY_BYTES, RECEIVED, Metrics, totals

PAGE = """\
# TYPE erlang_vm_statistics_runtime_milliseconds counter
# HELP erlang_vm_statistics_runtime_milliseconds Sum of the runtime for all threads.
erlang_vm_statistics_runtime_milliseconds 4711
# TYPE rabbitmq_process_resident_memory_bytes gauge
rabbitmq_process_resident_memory_bytes 1.29515520e8
# TYPE rabbitmq_global_messages_received_total counter
rabbitmq_global_messages_received_total{protocol="amqp091",queue_type="rabbit_classic_queue"} 5
rabbitmq_global_messages_received_total{protocol="amqp10",queue_type="a}b"} 7
"""
COUNTED = """\
# TYPE rabbitmq_global_messages_delivered_total counter
rabbitmq_global_messages_delivered_total{protocol="amqp091"} 11
# TYPE rabbitmq_global_messages_acknowledged_total counter
rabbitmq_global_messages_acknowledged_total{protocol="amqp091"} 10
# TYPE erlang_vm_statistics_bytes_received_total counter
erlang_vm_statistics_bytes_received_total 1000
# TYPE erlang_vm_statistics_bytes_output_total counter
erlang_vm_statistics_bytes_output_total 5000
# TYPE rabbitmq_connections_opened_total counter
rabbitmq_connections_opened_total 3
"""


def test_figures_of_one_name_are_added_up_over_their_labels() -> None:
    """Whatever the labels are; CPU and memory have none."""
    assert totals(PAGE) == {CPU_MS: 4711, MEMORY_BYTES: 129_515_520, RECEIVED: 12}


@pytest.mark.parametrize("text", ["", "<html>404 Not Found</html>"])
def test_another_page_has_no_figures(text: str) -> None:
    """A proxy's, for example."""
    assert totals(text) == {}


def test_a_reading_counts_messages_and_bytes_but_not_those_of_the_readings_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its own counters, which are right at any moment; a page without them has none."""
    page = PAGE + COUNTED
    monkeypatch.setattr(rabbit_metrics, "fetched", lambda *_: (200, page.encode()))
    metrics = Metrics("a")
    first, second = metrics.reading(), metrics.reading()
    assert first.calls == {"messages published": 12, "messages delivered": 11, "messages acknowledged": 10}
    assert (first.bytes_moved, first.accepted) == (6000, 3)
    assert second.bytes_moved == 6000 - len(page.encode())
    page = PAGE
    older = metrics.reading()
    assert older.calls == {"messages published": 12}
    assert (older.bytes_moved, older.accepted) == (None, None)


def test_figures_of_another_rabbitmq_on_that_host_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin's port is the same for all; an older one does not say whose figures they are. One has many hosts."""
    identity = (
        '# TYPE rabbitmq_identity_info untyped\nrabbitmq_identity_info{rabbitmq_node="a@x",rabbitmq_cluster="a@x"} 1\n'
    )
    monkeypatch.setattr(rabbit_metrics, "fetched", lambda *_: (200, (PAGE + identity).encode()))
    one, other = Metrics("localhost", "a@x"), Metrics("127.0.0.1")
    assert one.reading().count == other.reading().count == 12
    assert one.server == other.server
    with pytest.raises(ServiceError, match="is that of a@x, and this one is b@x"):
        Metrics("h", "b@x").reading()
    monkeypatch.setattr(rabbit_metrics, "fetched", lambda *_: (200, PAGE.encode()))
    older = Metrics("h", "b@x")
    assert older.reading().count == 12
    assert older.server == older.url

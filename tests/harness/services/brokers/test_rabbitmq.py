"""What RabbitMQ tells by its Prometheus plugin."""

import pytest

from harness.services.brokers.rabbitmq import CPU_MS, MEMORY_BYTES, RECEIVED, totals

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


def test_figures_of_one_name_are_added_up_over_their_labels() -> None:
    """Whatever the labels are; CPU and memory have none."""
    assert totals(PAGE) == {CPU_MS: 4711, MEMORY_BYTES: 129_515_520, RECEIVED: 12}


@pytest.mark.parametrize("text", ["", "<html>404 Not Found</html>"])
def test_another_page_has_no_figures(text: str) -> None:
    """A proxy's, for example."""
    assert totals(text) == {}

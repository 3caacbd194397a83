"""taskiq's broker and result backend, as its documentation sets them up, with JSON instead of pickle."""

from typing import Any

from taskiq import AsyncBroker
from taskiq.serializers import JSONSerializer
from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

RESULT_EXPIRES_S = 600
"""Of a result that nobody has read, as with Celery on a Redis that others use too."""
CONNECTIONS_BESIDE = 2
"""A worker's, beside one for each slot."""


class Results(JSONSerializer):
    """Results of the workbench's own tasks.

    An error is a text: taskiq would look its class up by the names that the message gives, and call it.
    """

    def loadb(self, value: bytes) -> Any:
        """As JSON has it, with what taskiq itself failed at as an error of the request."""
        loaded = super().loadb(value)
        error = loaded.get("error")
        if error is None:
            return loaded
        text = f"{error.get('exc_type')}: {error.get('exc_message')}" if isinstance(error, dict) else str(error)
        return loaded | {"error": None, "return_value": [None, text, 0, 0, "", ""]}


def broker_of(url: str, key_prefix: str, queue: str, slots: int | None = None) -> AsyncBroker:
    """A stream with a consumer group of its own; `slots`: of a worker. A result is removed by whoever reads it."""
    connections = None if slots is None else slots + CONNECTIONS_BESIDE
    results: RedisAsyncResultBackend[Any] = RedisAsyncResultBackend(
        url,
        keep_results=False,
        result_ex_time=RESULT_EXPIRES_S,
        max_connection_pool_size=connections,
        serializer=Results(),
        prefix_str=f"{key_prefix}{queue}.result",
    )
    broker = RedisStreamBroker(
        url,
        queue_name=key_prefix + queue,
        consumer_group_name=f"{key_prefix}{queue}",
        consumer_id="0",
        max_connection_pool_size=connections,
    )
    return broker.with_result_backend(results)

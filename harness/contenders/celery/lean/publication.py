"""What `apply_async` hands to the transport: the whole of Celery and kombu runs, only the last step is recorded."""

from typing import Any, NamedTuple

from celery.result import denied_join_result


class Publication(NamedTuple):
    """One message as the transport gets it."""

    channel: Any
    message: Any
    """As the channel prepares it: a dict on Redis, an `amqp.Message` on RabbitMQ."""
    options: dict[str, Any]
    """Exchange, routing key and the other arguments of `basic_publish`."""


class _Recorder(list[Publication]):
    """Stands where a kombu producer has the batch that it collects; it gets each message instead of the transport."""

    def publish(self, channel: Any, message: Any, **options: Any) -> None:
        self.append(Publication(channel, message, options))


def published(producer: Any, task: Any, task_id: str, kwargs: dict[str, Any], **options: Any) -> list[Publication]:
    """The messages of `task.apply_async(kwargs=kwargs, task_id=task_id, **options)`, none of which is sent.

    Queues are declared, as by any publishing.
    """
    recorder = _Recorder()
    producer._batch_local.current = recorder
    try:
        with denied_join_result():  # else the backend would wait for the result
            task.apply_async(kwargs=kwargs, task_id=task_id, producer=producer, **options)
    finally:
        del producer._batch_local.current
    return list(recorder)

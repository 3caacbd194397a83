"""How queues are declared: a run's own, and those on which workers and drivers wait for runs.

On RabbitMQ whoever declares a queue must declare it alike, and a queue stays until somebody deletes it. So there,
queues expire, and their exchanges go with them. A queue in Redis is a key, which is there while a message lies in it.
To have it expire would take commands for each message; it is removed by name or by prefix.
"""

import contextlib
from typing import Any

from celery import signals
from kombu.entity import Exchange, Queue

from harness.contenders.settings.celery_setting import QUEUE_ARGUMENTS
from harness.services.brokers.broker import BrokerPlace, kind, kind_of
from harness.services.redis_keys import SEPARATOR, WAITING

EXPIRES_S = 300.0
"""A run's queue that nobody has consumed from or declared for so long: longer than a backlog takes to be published."""
OF_KOMBU = "_kombu.binding"
"""How keys begin in which kombu notes which queues there are."""
WAITING_EXPIRES_S = 30.0
"""One on which a process waits that may have been killed."""


def know_run_queue(app: Any, name: str, place: BrokerPlace) -> None:
    """Have an application know the queue of a run's requests: of the type that its settings say."""
    queue = app.amqp.queues[name]
    if _expires(place):
        queue.expires, queue.exchange.auto_delete = EXPIRES_S, True
        if arguments := app.conf.get(QUEUE_ARGUMENTS):
            queue.queue_arguments = {**(queue.queue_arguments or {}), **arguments}


def waiting_queue(name: str, place: BrokerPlace) -> Queue:
    """The queue on which a worker or a driver waits; it goes with its consumer.

    In Redis, an exchange is a key without a time limit: all of them share one, so that one that is killed leaves none.
    """
    if not _expires(place):
        return Queue(name, Exchange(WAITING), name)
    exchange = Exchange(WAITING, auto_delete=True, durable=False)
    return Queue(name, exchange, name, durable=False, expires=WAITING_EXPIRES_S)


def withdraw(name: str, place: BrokerPlace, channel: Any) -> None:
    """Remove what lies in the queue of a worker or a driver that does not answer; one that expires takes it along."""
    if not _expires(place):
        waiting_queue(name, place)(channel).purge()


def remove_at_end(app: Any, queue: Queue) -> None:
    """Have a worker delete the queue on which it waited when it ends."""

    @signals.worker_shutdown.connect(weak=False)
    def remove(**_kwargs: Any) -> None:
        with app.connection_for_write() as connection:
            gone = (*connection.connection_errors, *connection.channel_errors)
            with contextlib.suppress(*gone):  # and the queue with it, or before long
                _remove(queue, connection.channel())


def _remove(queue: Queue, channel: Any) -> None:
    """Delete it; and on Redis, where nobody waits any more, what kombu keeps of all."""
    bound: Any = queue(channel)
    bound.declare()  # a channel deletes what it knows
    bound.delete()
    client = getattr(channel, "client", None)
    if client is not None and not client.exists(f"{OF_KOMBU}.{WAITING}"):
        replies = f"{OF_KOMBU}.reply.celery.pidbox"
        lists = [member.decode(errors="replace").rpartition(SEPARATOR)[2] for member in client.smembers(replies)]
        client.delete(f"{OF_KOMBU}_deadlines", replies, *lists)  # a run that was killed has not read its own


def know(app: Any, queue: Queue) -> None:
    """Have an application declare a queue of that name in this way, whether it publishes or consumes."""
    app.amqp.queues.add(queue)


def _expires(place: BrokerPlace) -> bool:
    return kind(kind_of(place.url)).names_are_shared

"""What makes a Celery worker one that can be leased: the commands of a lease, and what happens when one ends.

Used by workers and by drivers that wait for runs. The lease itself is in `lease`.
"""

import re
from collections.abc import Callable
from time import monotonic
from typing import Any

from celery.bootsteps import StartStopStep
from celery.worker import state as worker_state
from celery.worker.control import Panel, inspect_command

from harness.contenders.celery.answers import LEAVE, TAKE
from harness.contenders.celery.fleet.ending import note_ends
from harness.contenders.celery.fleet.lease import Lease
from harness.contenders.celery.fleet.returning import return_soon
from harness.contenders.celery.queues import know_run_queue
from harness.machine.lifetime import owner
from harness.services.brokers.broker import BrokerPlace

LOOK_EVERY_S = 1.0
LATE_S = 2.0
"""A look that comes so late says that this process stood still, and that renewals may be waiting unread."""
AFTERWARDS_S = 5.0
"""A consumer on Redis may take one more message after it was cancelled, and give it back. On RabbitMQ, a queue is not
taken from consumers that are about to let go of it: those with the pool gevent do so after up to two seconds."""
RUN = re.compile(r"[^\x00-\x20\x7f]{1,200}:[0-9a-f]{6}")
"""Names of runs (see `harness.session.services`)."""
HOLDER = re.compile(r"[^\x00-\x1f\x7f]{1,300}")
SUFFIX = re.compile(r"[\w.+-]{1,200}")
"""Of a run's queue, after its name and a colon."""


class Leased:
    """The lease of this process, and the queues that its consumer takes from by it."""

    def __init__(self, app: Any, place: BrokerPlace) -> None:
        self.lease = Lease()
        self._app = app
        self._place = place
        self._consumer: Any = None
        self._owner = owner()
        self._looked_s = 0.0
        self._looking: Any = None
        self._to_remove: list[tuple[float, str]] = []
        inspect_command(name=TAKE)(self._take)
        inspect_command(name=LEAVE)(self._leave)
        app.steps["consumer"].add(_connected(self.begin_looking))
        return_soon(app)

    def held(self) -> dict[str, Any]:
        """Who has the lease, when that run was last heard of, how many tasks have not ended, which process this is."""
        return {
            "run": self.lease.run,
            "holder": self.lease.holder,
            "silent_s": round(self.lease.silent_s, 3),
            "busy": len(worker_state.reserved_requests),
            "instance": self._owner,
        }

    def guard(self, *commands: str) -> None:
        """Have these commands of Celery's, which name a queue, reach the queues of the lease alone."""
        for name in commands:
            Panel.data[name] = self._guarded(Panel.data[name])

    def _guarded(self, command: Any) -> Any:
        def guarded(state: Any, queue: str = "", **_rest: Any) -> Any:
            if not self.lease.is_for(queue):
                return {"error": f"no run that has leased this worker takes from {queue[:200]!r}"}
            return command(state, queue)

        return guarded

    def _take(self, state: Any, run: str = "", holder: str = "", queue: str = "", renew: bool = False) -> Any:
        """Lease this process for a run; `queue`: from which it takes tasks, unless it is only a renewal."""
        if not is_of_run(run, holder, queue):
            return {"error": "no run has such a name, or such a queue"}
        is_new = not self.lease.is_for(queue)
        if self.lease.take(run, holder, queue, renew=renew is True) and queue and (is_new or not renew):
            know_run_queue(self._app, queue, self._place)
            state.consumer.call_soon(self._consume, state.consumer, queue)
        return self.held()

    def _leave(self, state: Any, run: str = "", queue: str = "") -> Any:
        """Give a queue back, and with the last one the lease."""
        if self.lease.leave(str(run), str(queue)) and queue:
            self._let_go(state.consumer, queue)
        return self.held()

    def _consume(self, consumer: Any, queue: str) -> None:
        """In the consumer's thread, as all that follows: the lease may have changed meanwhile.

        It is selected, so that the consumer takes from it again after the broker was away: before 5.7, Celery does not.
        """
        if self.lease.is_for(queue):
            self._app.amqp.queues.select_add(self._app.amqp.queues[queue])
            consumer.add_task_queue(queue)

    def _let_go(self, consumer: Any, queue: str) -> None:
        """Take no more from a queue: not even if the connection is lost before the consumer comes to it."""
        self._app.amqp.queues.deselect(queue)
        consumer.call_soon(self._cancel, consumer, queue)

    def _cancel(self, consumer: Any, queue: str) -> None:
        if not self.lease.is_for(queue):
            consumer.cancel_task_queue(queue)

    def _remove(self, consumer: Any, queue: str) -> None:
        """Delete it with what lies in it, if nobody else has yet."""
        if not self.lease.is_for(queue) and consumer.task_consumer is not None:
            consumer.task_consumer.channel.queue_delete(queue)

    def begin_looking(self, consumer: Any) -> None:
        """Look at the lease from now on: its consumer is connected, for the first time or again.

        A consumer that has lost its broker may have dropped what it does now and then (before 5.7, all of it).
        """
        if self._consumer is None:
            note_ends(consumer.pool)
        if self._looking is not None:
            consumer.timer.cancel(self._looking)
        self._consumer = consumer
        self._looked_s = monotonic()
        self._looking = consumer.timer.call_repeatedly(LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        """End a lease whose run is silent; remove its queues a moment later."""
        now_s, before_s = monotonic(), self._looked_s
        self._looked_s = now_s
        if now_s - before_s > LOOK_EVERY_S + LATE_S:
            return
        consumer = self._consumer
        for queue in self.lease.lapsed():
            waiting = worker_state.reserved_requests - worker_state.active_requests
            worker_state.revoked.update(request.id for request in waiting)  # nobody waits for them any more
            self._let_go(consumer, queue)
            self._to_remove.append((now_s + AFTERWARDS_S, queue))
        due = [queue for at_s, queue in self._to_remove if at_s <= now_s]
        self._to_remove = [(at_s, queue) for at_s, queue in self._to_remove if at_s > now_s]
        for queue in due:
            consumer.call_soon(self._remove, consumer, queue)


def _connected(call: Callable[[Any], None]) -> type[Any]:
    """A step of a consumer's that calls this with it, each time that it has connected."""

    class Connected(StartStopStep):
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, parent: Any) -> None:
            call(parent)

    return Connected


def is_of_run(run: object, holder: object, queue: object) -> bool:
    """Whether a message names a run, whoever says that it is theirs, and a queue of that run, or none."""
    if not (isinstance(run, str) and isinstance(holder, str) and isinstance(queue, str)):
        return False
    name, colon, suffix = queue.rpartition(":")
    of_run = not queue or (name == run and colon and SUFFIX.fullmatch(suffix) is not None)
    return bool(RUN.fullmatch(run) and HOLDER.fullmatch(holder) and of_run)

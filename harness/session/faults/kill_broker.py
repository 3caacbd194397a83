"""kill-broker: the run's own broker is killed and started again, with what it has on disk without being asked."""

import os
import signal

from harness.session.faults.fault import Fault, Target


class KillBroker(Fault):
    """What a Redis had is gone; a RabbitMQ has its durable queues, and the persistent messages in them."""

    summary = "SIGKILL to the run's own broker: 2 s later a Redis is back, empty; a RabbitMQ, with its durable queues"
    part = "broker"
    down_s = 2.0
    back_s = 2.0
    quiet_s = 5.0
    persisted = False

    async def prepare(self, target: Target) -> None:
        """Have it persist, where it shall."""
        if self.persisted:
            await target.broker.persist(on=True)

    async def strike(self, target: Target) -> None:
        """Kill it."""
        os.kill(target.broker.pid, signal.SIGKILL)

    async def restore(self, target: Target) -> None:
        """Start it again at the same address."""
        await target.broker.again()

    async def clean(self, target: Target) -> None:
        """Have it persist no more."""
        if self.persisted:
            await target.broker.persist(on=False)


FAULT = KillBroker()

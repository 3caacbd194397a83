"""kill-broker: the run's own Redis, which keeps nothing on disk, is killed and started again."""

import os
import signal

from harness.session.faults.fault import Fault, Target


class KillBroker(Fault):
    """What it had is gone."""

    summary = "SIGKILL to the run's own Redis without persistence, which comes back empty after 2 s"
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
        await target.broker.again(persisted=self.persisted)

    async def clean(self, target: Target) -> None:
        """Have it persist no more."""
        if self.persisted:
            await target.broker.persist(on=False)


FAULT = KillBroker()

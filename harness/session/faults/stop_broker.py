"""stop-broker: the run's own broker answers nobody for 2 s, as behind a network that fails."""

import os
import signal

from harness.session.faults.fault import Fault, Target


class StopBroker(Fault):
    """It is stopped and continued: connections stay open, nothing comes back."""

    summary = "the run's own broker is unreachable for 2 s (SIGSTOP, then SIGCONT)"
    part = "broker"
    down_s = 2.0
    quiet_s = 3.0

    async def strike(self, target: Target) -> None:
        """Stop it."""
        os.kill(target.broker.pid, signal.SIGSTOP)

    async def restore(self, target: Target) -> None:
        """Let it go on."""
        os.kill(target.broker.pid, signal.SIGCONT)

    async def abandon(self, target: Target) -> None:
        """Let it go on."""
        await self.restore(target)


FAULT = StopBroker()

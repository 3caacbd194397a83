"""kill-workers: all workers are killed."""

import signal

from harness.session.faults.fault import Fault, Target


class KillWorkers(Fault):
    """As with their machine."""

    summary = "SIGKILL to all workers, as with their machine (the same as kill-worker where there is one)"
    part = "worker"
    back_s = 2.0

    async def strike(self, target: Target) -> None:
        """Kill all."""
        target.signal_workers(signal.SIGKILL)

    async def restore(self, target: Target) -> None:
        """Start others in their place."""
        await target.workers_again()


FAULT = KillWorkers()

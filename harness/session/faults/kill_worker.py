"""kill-worker: a worker is killed with all of its processes."""

import signal

from harness.session.faults.fault import Fault, Target


class KillWorker(Fault):
    """Its children end with it, as in a container."""

    summary = "SIGKILL to one worker; its children end with it, as in a container"
    part = "worker"
    back_s = 2.0

    async def strike(self, target: Target) -> None:
        """Kill one."""
        target.signal_workers(signal.SIGKILL, most=1)

    async def restore(self, target: Target) -> None:
        """Start another in its place."""
        await target.workers_again()


FAULT = KillWorker()

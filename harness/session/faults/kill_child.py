"""kill-child: a child of the worker is killed while it executes a task; the worker itself starts another."""

import signal

from harness.session.faults.fault import Fault, Target


class KillChild(Fault):
    """As by the kernel, where a task takes too much memory."""

    summary = "SIGKILL to a child process of a worker's pool that executes a task"
    part = "child"
    quiet_s = 12.0  # Celery may miss a child only after ten seconds
    settles_s = 2.0
    told_is_final = True

    async def strike(self, target: Target) -> None:
        """Kill it."""
        await target.signal_child(signal.SIGKILL)


FAULT = KillChild()

"""deadline-shutdown: all workers are told to end (SIGTERM), and killed after 30 s, as by Kubernetes."""

import signal

from harness.session.faults.fault import Fault, Target

GRACE_S = 30.0
"""Kubernetes' default (`terminationGracePeriodSeconds`); Docker waits for 10 s."""


class DeadlineShutdown(Fault):
    """What runs longer is cut off, as by SIGKILL."""

    summary = f"SIGTERM to all workers, and SIGKILL to those that have not ended {GRACE_S:g} s later, as by Kubernetes"
    part = "worker"
    back_s = 2.0
    told = True

    async def strike(self, target: Target) -> None:
        """Tell them, wait, kill them."""
        target.signal_workers(signal.SIGTERM)
        await target.workers_end(target.scaled_s(GRACE_S))
        target.kill_struck()

    async def restore(self, target: Target) -> None:
        """Start others in their place."""
        await target.workers_again()


FAULT = DeadlineShutdown()

"""cold-shutdown: all workers get SIGQUIT; with the setting `soft-shutdown`, tasks have 3 s to end before."""

import signal

from harness.session.faults.fault import Fault, Target


class ColdShutdown(Fault):
    """What runs is cut off."""

    summary = "SIGQUIT to all workers: Celery's cold shutdown; its soft one with the setting soft-shutdown"
    part = "worker"
    back_s = 2.0
    told = True

    async def strike(self, target: Target) -> None:
        """Tell them."""
        target.signal_workers(signal.SIGQUIT)

    async def restore(self, target: Target) -> None:
        """Once they have ended, start others."""
        await target.workers_again()


FAULT = ColdShutdown()

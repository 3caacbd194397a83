"""warm-shutdown: all workers are told to end (SIGTERM), as at each deployment."""

import signal

from harness.session.faults.fault import Fault, Target


class WarmShutdown(Fault):
    """What runs is done, what was prefetched goes back to the queue."""

    summary = "SIGTERM to all workers, as at each deployment: Celery's warm shutdown"
    part = "worker"
    back_s = 2.0
    told = True

    async def strike(self, target: Target) -> None:
        """Tell them."""
        target.signal_workers(signal.SIGTERM)

    async def restore(self, target: Target) -> None:
        """Once they have ended, start others."""
        await target.workers_again()


FAULT = WarmShutdown()

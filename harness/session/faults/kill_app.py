"""kill-app: SIGKILL to the process that accepts requests: the application on asyncio, the producer on Celery."""

import signal

from harness.session.faults.fault import Fault, Target


class KillApp(Fault):
    """As by the kernel for want of memory, or with its machine."""

    summary = "SIGKILL to the process that accepts requests: all of an asyncio application, Celery's producer"
    part = "app"
    quiet_s = 0.5

    async def strike(self, target: Target) -> None:
        """Kill it."""
        target.signal_app(signal.SIGKILL)

    async def restore(self, target: Target) -> None:
        """Another process goes on with what was not submitted yet."""
        await target.app_again()


FAULT = KillApp()

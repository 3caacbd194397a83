"""term-app: the process that accepts requests is told to end (SIGTERM), as at each deployment."""

import signal

from harness.session.faults.fault import Fault, Target


class TermApp(Fault):
    """Without a handler in the application, it dies at once; with `graceful-drain` it ends what is under way."""

    summary = "SIGTERM to the process that accepts requests, as at each deployment"
    part = "app"
    quiet_s = 0.5
    told = True

    async def strike(self, target: Target) -> None:
        """Tell it."""
        target.signal_app(signal.SIGTERM)

    async def restore(self, target: Target) -> None:
        """Another process goes on with what was not submitted yet."""
        await target.app_again()


FAULT = TermApp()

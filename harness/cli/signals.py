"""The signals that end a command: Ctrl-C, SIGTERM, and SIGHUP, which a terminal sends when it is closed."""

import signal
import sys
from collections.abc import Coroutine
from typing import Any

from harness.errors import INTERRUPTED

AGAIN_S = 0.01
"""After an exit that was swallowed."""


def _ending() -> list[signal.Signals]:
    """Without SIGHUP where it is ignored: `nohup` has asked for that."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    return signals


def exit_when_interrupted() -> None:
    """Exit with status 130 on any of them; for phases in which nothing has to be stopped first.

    A signal may come while an object is finalized, where Python reports an exit on standard error and goes on: then it
    exits a moment later.
    """
    for number in (*_ending(), signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit(INTERRUPTED))
    usual = sys.unraisablehook

    def again(swallowed: "sys.UnraisableHookArgs") -> None:
        if isinstance(swallowed.exc_value, SystemExit):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
        else:
            usual(swallowed)

    sys.unraisablehook = again


async def uninterrupted(work: Coroutine[Any, Any, object]) -> bool:
    """Run `work` to its end, or until one of them cancels it; returns whether it came to its end."""
    import asyncio  # not before: it is heavy, and help shall be fast

    task = asyncio.ensure_future(work)
    for number in _ending():
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True

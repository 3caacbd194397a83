"""The signals that end a command: Ctrl-C, SIGTERM, and SIGHUP, which a terminal sends when it is closed."""

import asyncio
import signal
import sys
from collections.abc import Callable

from harness.errors import INTERRUPTED


def _ending() -> list[signal.Signals]:
    """Without SIGHUP where it is ignored: `nohup` has asked for that."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    return signals


def exit_when_interrupted() -> None:
    """Exit with status 130 on any of them; for phases in which nothing has to be stopped first."""
    for number in _ending():
        signal.signal(number, lambda *_: sys.exit(INTERRUPTED))


def when_interrupted(act: Callable[[], object]) -> None:
    """Call `act` on any of them, as long as the current event loop runs."""
    loop = asyncio.get_running_loop()
    for number in _ending():
        loop.add_signal_handler(number, act)

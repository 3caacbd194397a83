"""A process knows that a signal had stopped it."""

import os
import signal

from harness.machine.continued import Continued


def test_each_time_that_it_went_on_is_counted() -> None:
    """The signal that says so does nothing else."""
    before = signal.getsignal(signal.SIGCONT)
    try:
        continued = Continued()
        assert continued.times == 0
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGCONT)
        assert continued.times == 2
    finally:
        signal.signal(signal.SIGCONT, before)

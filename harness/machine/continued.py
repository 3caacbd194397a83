"""How often a signal has stopped this process: it is told so when it goes on (SIGCONT)."""

import signal
from types import FrameType


class Continued:
    """Counts from when it is made, in the main thread."""

    def __init__(self) -> None:
        self.times = 0
        signal.signal(signal.SIGCONT, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.times += 1

"""The lease of a worker or driver that waits for runs: which run has it, and until when. Pure, kept by itself.

The process that is leased is the only one that decides whether it is free. So two runs cannot both have it, on
whichever broker, and a run that was killed loses it without anybody having to notice.
"""

import threading
import time
from collections.abc import Callable

LEASE_S = 12.0
"""After so long without a word from its run, a lease has ended."""
RENEW_S = 4.0
"""How often a run renews its leases: two renewals may get lost."""


class Lease:
    """Of this process. A run may renew it, and may have it for several queues."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._run = self._holder = ""
        self._until_s = 0.0
        self._queues: set[str] = set()

    @property
    def run(self) -> str:
        """Name of the run that has it; empty while it is free."""
        with self._lock:
            return self._run

    @property
    def holder(self) -> str:
        """That run in words: who to ask; empty while it is free."""
        with self._lock:
            return self._holder

    @property
    def silent_s(self) -> float:
        """How long ago that run last said that it lives."""
        with self._lock:
            return LEASE_S - (self._until_s - self._now()) if self._run else 0.0

    def is_for(self, queue: str) -> bool:
        """Whether the run that has it has asked for that queue."""
        with self._lock:
            return queue in self._queues

    def take(self, run: str, holder: str, queue: str = "", *, renew: bool = False) -> bool:
        """Take or renew it for a run, which may add a queue; False, and nothing changes, while another run has it.

        `renew`: only where the run still has it. One that has ended is not taken up again in silence: what the run had
        in its queue may have gone with it.
        """
        with self._lock:
            if self._run != run and (renew or self._run):
                return False
            self._run, self._holder = run, holder
            self._until_s = self._now() + LEASE_S
            if queue:
                self._queues.add(queue)
            return True

    def leave(self, run: str, queue: str = "") -> bool:
        """Give a queue back, and with the last one the lease; False for a run that does not have it."""
        with self._lock:
            if self._run != run:
                return False
            self._queues.discard(queue)
            if not self._queues:
                self._free()
            return True

    def lapsed(self) -> list[str]:
        """End it if its run has been silent for too long; returns the queues that nobody owns any more."""
        with self._lock:
            if not self._run or self._now() < self._until_s:
                return []
            left = sorted(self._queues)
            self._free()
            return left

    def _free(self) -> None:
        self._run = self._holder = ""
        self._queues.clear()

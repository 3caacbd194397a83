"""A limit on the rate of requests, as a public API has one: a token bucket for each trial, in all processes together.

The generic cell rate algorithm (ITU-T I.371): a bucket of `burst` tokens that is filled at `per_s` is one number, the
time at which it will be full.
"""

import fcntl
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic_ns

from harness.machine.nameless import nameless_file

BUCKETS = 64
"""Those of the trials before are taken again."""
NS = 1_000_000_000


class Limits:
    """Buckets in memory that the processes of an origin share; made before they are forked."""

    def __init__(self) -> None:
        self._file = nameless_file("origin-limits")
        os.ftruncate(self._file, 2 * BUCKETS * 8)
        self._shared = mmap.mmap(self._file, 2 * BUCKETS * 8)
        self._view = memoryview(self._shared).cast("q")

    def wait_s(self, key: int, per_s: float, burst: int, now_ns: int | None = None) -> float:
        """Take a token: 0; or, where there is none, the seconds until there is one."""
        now = monotonic_ns() if now_ns is None else now_ns
        place = 2 * (key % BUCKETS)
        each = round(NS / per_s)
        with self._locked():
            full_at = max(now, self._view[place + 1]) if self._view[place] == key + 1 else now
            early = full_at - (burst - 1) * each - now
            if early <= 0:
                self._view[place], self._view[place + 1] = key + 1, full_at + each
        return max(0.0, early / NS)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Of one process at a time, each of which has one thread."""
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def asked(per_s_text: str, burst_text: str) -> tuple[float, int]:
    """The rate and the burst of a query; raises ValueError."""
    per_s, burst = float(per_s_text), int(burst_text)
    if not 0.001 <= per_s <= 1_000_000 or not 1 <= burst <= 1_000_000:
        raise ValueError(f"expected a rate from 0.001 and a burst from 1, up to 1000000; got {per_s:g} and {burst}")
    return per_s, burst

"""The times of visits, by key: jobs write them, and scenarios read them."""

import asyncio
import os
import struct
from collections import defaultdict
from time import monotonic_ns
from zlib import crc32

from harness.machine.nameless import nameless_file

ROW = struct.Struct("<IQ")
"""A visit in the file that all processes share: its key's checksum, and when."""
KEPT_NS = 300 * 10**9
LOOK_S = 0.001


class Diary:
    """Visits to all processes of the origin; a caller that waits for one is woken within a millisecond.

    The file has no name, and is only appended to: the kernel keeps appended rows whole.
    """

    def __init__(self) -> None:
        self._fd = nameless_file("origin-diary")
        self._read = 0
        self._visits: defaultdict[int, list[int]] = defaultdict(list)
        self._waiting = 0
        self._watcher: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def write(self, key: str) -> None:
        """Note a visit, now."""
        os.write(self._fd, ROW.pack(crc32(key.encode()), monotonic_ns()))

    def visits(self, key: str) -> list[int]:
        """When that key's visits came, in ns of this machine's monotonic clock."""
        self._read_on()
        return self._visits.get(crc32(key.encode()), [])

    def counts(self) -> dict[int, int]:
        """How many visits each key had, by its checksum."""
        self._read_on()
        return {checksum: len(visits) for checksum, visits in self._visits.items()}

    def _read_on(self) -> None:
        """Take in what has come since, and wake all that wait."""
        size = os.fstat(self._fd).st_size
        if size <= self._read:
            return
        for checksum, at_ns in ROW.iter_unpack(os.pread(self._fd, size - self._read, self._read)):
            self._visits[checksum].append(at_ns)
        self._read = size
        self._forget_old(monotonic_ns() - KEPT_NS)
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _forget_old(self, before_ns: int) -> None:
        """Drop keys whose first visit is long past; they are kept in the order of their first visits."""
        while self._visits and self._visits[first := next(iter(self._visits))][0] < before_ns:
            del self._visits[first]

    async def wait(self, key: str, at_least: int, within_s: float) -> list[int]:
        """The same, once there are `at_least` of them, or after `within_s`."""
        self._waiting += 1
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(within_s):
                while len(self.visits(key)) < at_least:
                    await self._news.wait()
        except TimeoutError:  # what there is by then is the answer
            pass
        finally:
            self._waiting -= 1
        return self.visits(key)

    async def _watch(self) -> None:
        """Read on as long as any caller waits; one look serves all of them."""
        while self._waiting:
            self._read_on()
            await asyncio.sleep(LOOK_S)
        self._watcher = None

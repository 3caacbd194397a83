"""The measured window of a trial: when it opened and closed, and what the driver used in it."""

import asyncio

import msgspec

from harness.driver.loop_lag import LoopUse, watch_of
from harness.driver.messages import BetweenParts, Link, MemoryAt, WindowClosed, WindowOpened
from harness.machine.clock import Clock
from harness.machine.usage import Reading, read_tree


class Window:
    """Opens and closes once, and reports both to the session, which then reads the other roles' usage."""

    def __init__(self, link: Link, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self.opened_ns = 0
        self.closed_ns = 0
        """0 before the window has closed."""
        self.at_rest = True
        """Whether the load was seen to be at rest when a steady window opened."""
        self.between: Reading | None = None
        """The driver's usage between the two parts of a load that has two."""
        self.loop: LoopUse | None = None
        """What it shows of the event loop."""
        self.marks: dict[str, int] = {}
        """Moments that the load noted, by name."""
        self.memory_mb: dict[str, float] = {}
        """The driver's, at moments of the load."""
        self._link = link
        self._clock = clock
        self._watch = watch_of(loop)
        self._first: Reading | None = None
        self._last: Reading | None = None

    @property
    def usage(self) -> tuple[Reading, Reading] | None:
        """The driver's readings at both ends; None if there are not both, or time is virtual."""
        if self._clock.virtual or self._first is None or self._last is None:
            return None
        return self._first, self._last

    def open(self) -> None:
        """What is due from now on is measured."""
        self.opened_ns = self._clock.now()
        self._first = read_tree()
        self._watch.start()
        self._link.send(WindowOpened())

    def part_ends(self) -> None:
        """The first of two parts is over."""
        self.between = read_tree()
        self._link.send(BetweenParts())

    def close(self, *, with_this_moment: bool = False) -> None:
        """What is due from now on is not measured; `with_this_moment`: what is due at this nanosecond still is."""
        self.closed_ns = self._clock.now() + with_this_moment
        self.loop = self._watch.stop()
        self._last = read_tree()
        self._link.send(WindowClosed())

    def read_memory(self) -> None:
        """Once the load has ended: it takes milliseconds, in which nothing else would happen."""
        if self._last is not None and not self._clock.virtual:
            read = read_tree(memory=True, forked=True)
            self._last = msgspec.structs.replace(self._last, memory_mb=read.memory_mb, memory_kind=read.memory_kind)

    def read_memory_at(self, name: str) -> None:
        """Now, while the load goes on; the session reads that of the others."""
        if self._clock.virtual:
            return
        if (megabytes := read_tree(memory=True, forked=True).memory_mb) is not None:
            self.memory_mb[name] = megabytes
        self._link.send(MemoryAt(name))

    def mark(self, name: str) -> None:
        """Note this moment under that name."""
        self.marks[name] = self._clock.now()

"""The driver's clock and its exact waits: the machine's, or a virtual one for the `fake` contender."""

import asyncio
import ctypes
import os
import selectors
import time
from collections.abc import Callable
from typing import Any, Protocol

NS = 1_000_000_000
CLOCK_MONOTONIC = 1
TFD_FLAGS = 0o4000 | 0o2000000  # TFD_NONBLOCK | TFD_CLOEXEC
TFD_TIMER_ABSTIME = 1


class Clock(Protocol):
    """What stamps are taken with and due times are waited for."""

    now: Callable[[], int]
    """Nanoseconds of the monotonic clock."""
    virtual: bool
    """Whether its time is made up, so that what was used in it means nothing."""

    async def wait_until(self, due_ns: int) -> None:
        """Return at `due_ns`, at once where that has passed."""
        ...

    def wake(self) -> None:
        """End the wait that goes on, if any."""
        ...

    def close(self) -> None:
        """Give back what the clock holds."""
        ...


class _Timespec(ctypes.Structure):
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]


class _Itimerspec(ctypes.Structure):
    _fields_ = [("it_interval", _Timespec), ("it_value", _Timespec)]


class MachineClock:
    """CLOCK_MONOTONIC, with waits by timerfd: event loops round their own timers to a millisecond (epoll).

    Through ctypes, because `os.timerfd_create` came with Python 3.13.
    """

    virtual = False

    def __init__(self) -> None:
        self.now = time.monotonic_ns
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd: int | None = None
        self._fired: asyncio.Future[None] | None = None

    async def wait_until(self, due_ns: int) -> None:
        """One wait at a time; the timer is absolute, so that being late once does not add up."""
        if due_ns <= self.now():
            return
        loop = asyncio.get_running_loop()
        if self._fd is None:
            self._fd = self._libc.timerfd_create(CLOCK_MONOTONIC, TFD_FLAGS)
            if self._fd < 0:
                raise OSError(ctypes.get_errno(), "timerfd_create failed")
            loop.add_reader(self._fd, self._on_fire)
        self._fired = loop.create_future()
        value = _Itimerspec(_Timespec(0, 0), _Timespec(due_ns // NS, due_ns % NS))
        self._libc.timerfd_settime(self._fd, TFD_TIMER_ABSTIME, ctypes.byref(value), None)
        await self._fired

    def _on_fire(self) -> None:
        assert self._fd is not None
        os.read(self._fd, 8)
        self.wake()

    def wake(self) -> None:
        """End the wait that goes on, if any."""
        if self._fired is not None and not self._fired.done():
            self._fired.set_result(None)

    def close(self) -> None:
        """Close the timer."""
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None


class _ImpatientSelector(selectors.DefaultSelector):
    """A selector that waits for no timer: where no file is ready, it turns the virtual clock forward instead."""

    now_ns = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Ready files; only a loop without any timer truly waits for one."""
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout is not None and timeout > 0:
            self.now_ns += max(1, round(timeout * NS))
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time stands still while anything is ready, and jumps to the next timer otherwise.

    What runs on it takes no real time to wait and gives the same stamps at every run.
    """

    def __init__(self) -> None:
        self._virtual = _ImpatientSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual.now_ns / NS

    def now_ns(self) -> int:
        """Virtual nanoseconds."""
        return self._virtual.now_ns


class VirtualClock:
    """The clock of a `VirtualLoop`."""

    virtual = True

    def __init__(self, loop: VirtualLoop) -> None:
        self.now = loop.now_ns
        self._loop = loop
        self._fired: asyncio.Future[None] | None = None

    async def wait_until(self, due_ns: int) -> None:
        """Sleep in virtual time."""
        if due_ns > self.now():
            self._fired = self._loop.create_future()
            timer = self._loop.call_at(due_ns / NS, self.wake)
            await self._fired
            timer.cancel()

    def wake(self) -> None:
        """End the wait that goes on, if any."""
        if self._fired is not None and not self._fired.done():
            self._fired.set_result(None)

    def close(self) -> None:
        """Nothing is held."""

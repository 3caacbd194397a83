"""The driver's clock and its exact timer: the machine's, or a virtual one for the `fake` contender."""

import asyncio
import ctypes
import os
import selectors
import struct
import time
from collections.abc import Callable
from typing import Any, Protocol

from harness.machine import kernel

NS = 1_000_000_000
CLOCK_MONOTONIC = 1
TFD_FLAGS = 0o4000 | 0o2000000  # TFD_NONBLOCK | TFD_CLOEXEC
TFD_TIMER_ABSTIME = 1


class Clock(Protocol):
    """What stamps are taken with, and what calls back at due times."""

    now: Callable[[], int]
    """Nanoseconds of the monotonic clock."""
    virtual: bool
    """Whether its time is made up, so that what was used in it means nothing."""

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> None:
        """Call back at `due_ns`, soon where that has passed; takes the place of a call that is still to come."""
        ...

    def call_off(self) -> None:
        """Forget the call that is still to come, if any."""
        ...

    def close(self) -> None:
        """Give back what the clock holds."""
        ...


_itimerspec = struct.Struct("4q").pack  # interval and value, in s and ns each


class MachineClock:
    """CLOCK_MONOTONIC, with a timerfd: event loops round their own timers to a millisecond (epoll).

    Through ctypes, because `os.timerfd_create` came with Python 3.13; without releasing the GIL, because neither call
    waits, and another thread that took it would make requests late. Calls back straight from the selector: a waiting
    task in between would be another round of the loop, whose caches have gone cold at each wait.
    """

    virtual = False

    def __init__(self) -> None:
        self.now = time.monotonic_ns
        self._libc = ctypes.PyDLL(None, use_errno=True)
        self._settime = self._libc.timerfd_settime
        self._fd: int | None = None
        self._callback: Callable[[], None] | None = None

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> None:
        """The timer is absolute, so that delays do not accumulate."""
        if self._fd is None:
            self._fd = self._libc.timerfd_create(CLOCK_MONOTONIC, TFD_FLAGS)
            if self._fd < 0:
                raise OSError(ctypes.get_errno(), "timerfd_create failed")
            asyncio.get_running_loop().add_reader(self._fd, self._on_fire, self._fd)
        self._callback = callback
        self._settime(self._fd, TFD_TIMER_ABSTIME, _itimerspec(0, 0, *divmod(due_ns, NS)), None)

    def call_off(self) -> None:
        """Forget the call that is still to come, if any."""
        self._callback = None

    def _on_fire(self, fd: int) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()
        if self._callback is None:  # else the timer was set anew, which has emptied it
            os.read(fd, 8)

    def close(self) -> None:
        """Close the timer."""
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None


class _LoopTimer:
    """The call that is still to come, by a timer of the event loop."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    def call_off(self) -> None:
        """Forget the call that is still to come, if any."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Nothing is held."""


class LoopClock(_LoopTimer):
    """The machine's clock, with the event loop's own timers: where there is no timerfd."""

    virtual = False

    def __init__(self) -> None:
        super().__init__()
        self.now = time.monotonic_ns

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> None:
        """Up to a millisecond late, by the loop's rounding; never early, though uvloop rounds down too."""
        self.call_off()
        wait_s = max(0, due_ns - self.now()) / NS
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._on_fire, due_ns, callback)

    def _on_fire(self, due_ns: int, callback: Callable[[], None]) -> None:
        if self.now() < due_ns:
            self.call_at(due_ns, callback)
            return
        self._timer = None
        callback()


def machine_clock() -> Clock:
    """The most exact one that this system has."""
    return MachineClock() if kernel.TIMERFD else LoopClock()


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


class VirtualClock(_LoopTimer):
    """The clock of a `VirtualLoop`."""

    virtual = True

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self.now = loop.now_ns
        self._loop = loop

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> None:
        """Call back in virtual time."""
        self.call_off()
        self._timer = self._loop.call_at(due_ns / NS, callback)

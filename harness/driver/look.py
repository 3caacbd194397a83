"""Looks at the work itself while it runs in this process: from where it connects, sleeps, and blocks the event loop.

Only in trials whose figures are not compared: samples of the stack cost CPU, and an audit hook stays for good.
"""

import asyncio
import inspect
import site
import sys
import sysconfig
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic_ns
from types import FrameType
from typing import Any

import msgspec

from harness.driver.loop_lag import BLOCKED_MS
from harness.machine.metered_loop import MeteredLoop
from harness.results.model import Look

SAMPLE_S = 0.005
REPLY_MOST = 300
"""Characters of a reply that are kept."""
HARNESS = str(Path(__file__).resolve().parents[1])


class Looking:
    """Watches from `start` to `found`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, own: Iterable[Any]) -> None:
        """`own`: functions of the job, by whose files its code is known."""
        self._loop = loop
        self._own = {file for function in own if (file := _file_of(function)) is not None}
        self._thread = threading.get_ident()
        self._connects: Counter[str] = Counter()
        self._sleeps: Counter[str] = Counter()
        self._blocked: Counter[str] = Counter()
        self._over = threading.Event()
        self.reply = ""
        """The first one."""

    def start(self) -> None:
        """From now on."""
        sys.addaudithook(self._audit)
        if isinstance(self._loop, MeteredLoop):
            threading.Thread(target=self._sample, args=(self._loop,), daemon=True).start()

    def _audit(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if event not in ("socket.connect", "time.sleep") or self._over.is_set():
            return
        if event == "socket.connect":
            self._connects[self._place(sys._getframe(1))] += 1
        elif threading.get_ident() == self._thread:
            self._sleeps[self._place(sys._getframe(1))] += 1

    def _sample(self, loop: MeteredLoop) -> None:
        while not self._over.wait(SAMPLE_S):
            woke_ns = loop.meter.woke_ns
            if woke_ns and monotonic_ns() - woke_ns > BLOCKED_MS * 1e6:
                frame = sys._current_frames().get(self._thread)
                if frame is not None and (place := self._place(frame)):
                    self._blocked[place] += 1

    def _place(self, frame: FrameType | None) -> str:
        """The innermost line of the user's: of the job's files, or of one of nobody known; empty if there is none."""
        frames = (each for each in _outwards(frame) if self._is_theirs(each.f_code.co_filename))
        found = next(frames, None)
        return f"{found.f_code.co_filename}:{found.f_lineno}" if found is not None else ""

    def _is_theirs(self, file: str) -> bool:
        return file in self._own or _is_nobodys(file)

    def found(self) -> Look:
        """What was seen; ends the watch."""
        self._over.set()
        return Look(
            reply=self.reply,
            connects=self._connects.total(),
            connects_at=_most(self._connects),
            sleeps_at=_most(self._sleeps),
            blocked_at=_most(self._blocked),
        )


def as_text(reply: Any) -> str:
    """A reply as JSON, with its keys in order so that two can be compared; cut where it is long."""
    try:
        text = msgspec.json.encode(reply, order="sorted").decode()
    except (TypeError, ValueError):
        text = repr(reply)
    return text if len(text) <= REPLY_MOST else f"{text[:REPLY_MOST]}…"


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _most(places: Counter[str]) -> str:
    return places.most_common(1)[0][0] if places else ""


def _file_of(function: Any) -> str | None:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code.co_filename if code is not None else None


LIBRARIES = tuple(
    str(Path(folder).resolve())
    for folder in {*sysconfig.get_paths().values(), *site.getsitepackages(), HARNESS}
    if folder
)


def _is_nobodys(file: str) -> bool:
    """Neither Python's, nor an installed package's, nor the harness's."""
    return not file.startswith(("<", *LIBRARIES))

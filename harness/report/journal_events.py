"""A run's journal as server-sent events, as it grows."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from harness.progress.journal import Event, RunEnds, decode

POLL_S = 0.25
ALIVE_S = 15.0
"""After so long without an event, a comment keeps the connection open."""
SILENT_S = 60.0
"""From so long without a line on, the page says so: the run may have been killed."""
READ_MOST = 1 << 20
"""Bytes at once; a line that is longer is no event."""
Read = Callable[[int, int], bytes]
"""From a byte of the journal on, at most so many."""


async def events(journal: Path, offset: int, read: Read | None = None) -> AsyncIterator[str]:
    """Events from that byte of the journal on, as they are appended, until the run's end.

    Each has the byte after it as its id. A comment now and then keeps the connection; long silence is an event. Lines
    that are no events are left out.
    """
    reading = read or (lambda begin, most: _read(journal, begin, most))
    last_sent_s = time.monotonic()
    while True:
        lines = await asyncio.to_thread(_lines, reading, offset)
        for line in lines:
            offset += len(line)
            event = _event(line)
            if event is not None:
                yield f"id: {offset}\ndata: {msgspec.json.encode(event).decode()}\n\n"
            if isinstance(event, RunEnds):
                return
        if lines:
            last_sent_s = time.monotonic()
        elif time.monotonic() - last_sent_s > ALIVE_S:
            last_sent_s = time.monotonic()
            silent_s = await asyncio.to_thread(_silent_s, journal)
            silence = msgspec.json.encode({"type": "silent", "minutes": round(silent_s / 60)}).decode()
            yield f"data: {silence}\n\n" if silent_s > SILENT_S else ": still there\n\n"
        await asyncio.sleep(POLL_S)


def _event(line: bytes) -> Event | None:
    try:
        event: Event = decode(line)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return event


def _silent_s(journal: Path) -> float:
    """How long ago the journal was last written."""
    try:
        return time.time() - journal.stat().st_mtime
    except OSError:
        return 0.0


def _read(journal: Path, begin: int, most: int) -> bytes:
    try:
        with journal.open("rb") as file:
            file.seek(begin)
            return file.read(most)
    except FileNotFoundError:
        return b""


def _lines(read: Read, offset: int) -> list[bytes]:
    """Whole lines from there on; a line that is still being written is left for the next time."""
    data = read(offset, READ_MOST)
    *lines, rest = data.split(b"\n")
    whole = [line + b"\n" for line in lines]
    return [rest] if not whole and len(rest) == READ_MOST else whole

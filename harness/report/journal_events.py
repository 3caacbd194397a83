"""A run's journal as server-sent events, as it grows."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from harness.progress.journal import RunEnds, decode

POLL_S = 0.25
ALIVE_S = 15.0
"""After so long without an event, a comment keeps the connection open."""
SILENT_S = 60.0
"""From so long without a line on, the page says so: the run may have been killed."""


async def events(journal: Path, offset: int) -> AsyncIterator[str]:
    """Events from that byte of the journal on, as they are appended, until the run's end.

    Each has the byte after it as its id. A comment now and then keeps the connection; long silence is an event.
    """
    last_sent_s = time.monotonic()
    while True:
        lines = await asyncio.to_thread(_lines, journal, offset)
        for line in lines:
            offset += len(line)
            yield f"id: {offset}\ndata: {line.decode().strip()}\n\n"
            if isinstance(decode(line), RunEnds):
                return
        if lines:
            last_sent_s = time.monotonic()
        elif time.monotonic() - last_sent_s > ALIVE_S:
            last_sent_s = time.monotonic()
            silent_s = await asyncio.to_thread(_silent_s, journal)
            silence = msgspec.json.encode({"type": "silent", "minutes": round(silent_s / 60)}).decode()
            yield f"data: {silence}\n\n" if silent_s > SILENT_S else ": still there\n\n"
        await asyncio.sleep(POLL_S)


def _silent_s(journal: Path) -> float:
    """How long ago the journal was last written."""
    try:
        return time.time() - journal.stat().st_mtime
    except OSError:
        return 0.0


def _lines(journal: Path, offset: int) -> list[bytes]:
    """Whole lines from there on; a line that is still being written is left for the next time."""
    try:
        with journal.open("rb") as file:
            file.seek(offset)
            return [line for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]
    except FileNotFoundError:
        return []

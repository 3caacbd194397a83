"""How far two machines' clocks are apart, from messages that go to and fro; moves stamps from one to the other."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from harness.driver.messages import Recording
from harness.recording.rows import DUE, STATUS
from harness.recording.spool import COLUMNS


class Offset(NamedTuple):
    """Theirs − ours, in ns, and by how much that may be wrong either way."""

    ns: int
    error_ns: int


class Exchange(NamedTuple):
    """One message and its answer: when it left, what their clock said, when the answer was here. In ns."""

    sent: int
    theirs: int
    back: int


def offset_of(exchanges: Sequence[Exchange]) -> Offset:
    """From the quickest exchange: their clock was read somewhere between its two ends (Cristian, 1989)."""
    best = min(exchanges, key=lambda exchange: exchange.back - exchange.sent)
    return Offset(best.theirs - (best.sent + best.back) // 2, (best.back - best.sent + 1) // 2)


def by_our_clock(recording: Recording, offset: Offset) -> Recording:
    """The same moments."""
    return msgspec.structs.replace(
        recording,
        opened_ns=recording.opened_ns - offset.ns,
        closed_ns=recording.closed_ns - offset.ns,
        marks={name: ns - offset.ns for name, ns in recording.marks.items()},
    )


def wall_apart_s(recording: Recording, offset: Offset, now_ns: int, now_s: float) -> float:
    """By how much their wall clock and ours differ, at the least; `now_ns`, `now_s`: both clocks of ours now."""
    if recording.driver is None:
        return 0.0
    reading = recording.driver[1]
    ours_s = now_s - (now_ns - (reading.at_ns - offset.ns)) / 1e9
    return max((abs(wall_s - ours_s) - offset.error_ns / 1e9 for wall_s in reading.walls_s), default=0.0)


def rows_by_our_clock(spool: Path, offset: Offset) -> None:
    """Move every stamp of a spool, in place; 0 means no stamp."""
    if not offset.ns or not spool.stat().st_size:
        return
    rows = np.memmap(spool, dtype=np.int64, mode="r+")
    stamps = rows.reshape(-1, len(COLUMNS))[:, DUE:STATUS]  # every column between the number and the status
    stamps[stamps != 0] -= offset.ns
    rows.flush()

"""A spool's rows as NumPy arrays: which column holds what, read a chunk at a time, kept for the user."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.recording.spool import COLUMNS

NUMBER, DUE, START, PUBLISH_END, EXEC_START, EXEC_END, DONE, STATUS = range(len(COLUMNS))
CHUNK_ROWS = 1 << 15
"""Small enough to stay in the caches, and so that sorting a chunk takes little memory."""

Rows = NDArray[np.int64]
"""Requests × `COLUMNS`, the same the other way round, or one column of it."""


def ascends(stamps: Rows) -> bool:
    """Whether they are in order, as the ends of a driver's requests are."""
    return bool((stamps[1:] >= stamps[:-1]).all())


def chunks(spool: Path) -> Iterator[Rows]:
    """All rows of a spool, `CHUNK_ROWS` at a time."""
    width = len(COLUMNS)
    with spool.open("rb") as file:
        while len(flat := np.fromfile(file, dtype=np.int64, count=CHUNK_ROWS * width)):
            yield flat[: len(flat) // width * width].reshape(-1, width)


def keep_rows(spool: Path, target: Path) -> None:
    """Write a whole spool as a NumPy array (requests × `COLUMNS`, int64), a chunk at a time."""
    width = len(COLUMNS)
    whole = np.lib.format.open_memmap(
        target, mode="w+", dtype=np.int64, shape=(spool.stat().st_size // (8 * width), width)
    )
    begin = 0
    for rows in chunks(spool):
        whole[begin : begin + len(rows)] = rows
        begin += len(rows)
    whole.flush()

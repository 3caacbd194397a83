"""What arrives from a driver on another machine, checked before anything relies on it; ServiceError for the rest.

A driver can still report wrong figures: they are its own. It can neither end the run nor fill memory or disk.
"""

import zlib
from pathlib import Path

import msgspec
import numpy as np

from harness.driver.messages import Message, Recording, decode
from harness.driver.remote.relay import FIGURES, PIECE_BYTES
from harness.errors import ServiceError
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.recording.parcel import unpacked
from harness.recording.rows import DUE, STATUS, chunks
from harness.recording.spool import COLUMNS, Status

MESSAGE_BYTES_MOST = 4 << 20
FIGURES_BYTES_MOST = 16 << 20
"""Some tens of kB, where faults have runs; at two bits a request, those of 60 million at random."""
ROW_BYTES = 8 * len(COLUMNS)
UNDER_WAY_MOST = 1_000_000
"""Requests that were issued and have no row: no load has more of them at once."""
WINDOW_MOST_NS = 8 * 86_400 * 10**9
STAMP_MOST_NS = 2**62


def message_of(body: bytes) -> Message:
    """A message; raises ServiceError for what is none."""
    if len(body) > MESSAGE_BYTES_MOST:
        raise ServiceError(f"it sent a message of {len(body)} bytes; at most {MESSAGE_BYTES_MOST} are read")
    try:
        message = decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ServiceError(f"it sent a message that cannot be read: {error}") from None
    if isinstance(message, Recording):
        _check(message)
    return message


def _check(recording: Recording) -> None:
    """Raise ServiceError for figures that no trial has."""
    moments = (recording.opened_ns, recording.closed_ns, *recording.marks.values())
    plausible = (
        0 <= recording.recorded <= recording.issued <= recording.recorded + UNDER_WAY_MOST
        and all(abs(ns) < STAMP_MOST_NS for ns in moments)
        and recording.closed_ns - recording.opened_ns <= WINDOW_MOST_NS
    )
    if not plausible:
        raise ServiceError("it sent a recording with figures that no trial has")


def piece_of(body: bytes) -> bytes:
    """A piece of the spool; raises ServiceError for one that is not, or is larger than pieces are."""
    inflating = zlib.decompressobj()
    try:
        piece = inflating.decompress(body[1:], PIECE_BYTES + 1)
    except zlib.error as error:
        raise ServiceError(f"it sent a piece of its spool that cannot be read: {error}") from None
    if len(piece) > PIECE_BYTES or not inflating.eof:
        raise ServiceError(f"it sent a piece of its spool that is damaged or has more than {PIECE_BYTES} bytes")
    return piece


def figures_of(body: bytes, terms: FoldTerms, recording: Recording) -> Folded:
    """What the rows of that recording amount to on those terms; raises ServiceError for anything else."""
    if len(body) > FIGURES_BYTES_MOST:
        raise ServiceError(f"it sent figures of {len(body)} bytes; at most {FIGURES_BYTES_MOST} are read")
    return unpacked(body[len(FIGURES) :], terms, recording.issued)


def check_spool(spool: Path, recording: Recording) -> None:
    """Raise ServiceError unless the spool has the rows that the recording says, each with a status and stamps."""
    if (size := spool.stat().st_size) != recording.recorded * ROW_BYTES:
        raise ServiceError(f"it sent {size} bytes of stamps for {recording.recorded} requests")
    for rows in chunks(spool):
        statuses, stamps = rows[:, STATUS], rows[:, DUE:STATUS]
        known = (statuses >= min(Status)) & (statuses <= max(Status))
        if not known.all() or np.any(stamps < 0) or np.any(stamps >= STAMP_MOST_NS):
            raise ServiceError("it sent stamps that no request has")

"""What a driver's rows amount to, as bytes: small, whatever their number, and checked where it arrives.

A trial without faults takes some tens of kB, nearly all of it the histograms. Runs of endings take more where faults
are spread at random: about two bits a request.
"""

import zlib
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from harness.errors import ServiceError
from harness.recording.batches import SLICES as BATCHES
from harness.recording.endings import NOT_ENDED, Endings
from harness.recording.fold_terms import WHOLE, FoldTerms
from harness.recording.folded import BACKLOG_POINTS, Counts, Folded
from harness.recording.hdr import LARGEST, Histogram, NotAHistogram, numbers_of, words_of
from harness.recording.latency_chain import NAMES
from harness.recording.spool import Status
from harness.recording.timeline import MOMENTS, SLICES

UNPACKED_MOST = 64 << 20
"""Bytes; more is not unpacked."""
STAMP_MOST_NS = 2**62

Large = Annotated[str, Meta(pattern=r"\A-?[0-9]{1,60}\Z")]
"""A whole number that may have more than 64 bits."""
Small = Annotated[int, Meta(ge=-STAMP_MOST_NS, le=STAMP_MOST_NS)]
Count = Annotated[int, Meta(ge=0, le=2**40)]


class Summed(msgspec.Struct, frozen=True, array_like=True):
    """A histogram of the latency chain."""

    words: Annotated[bytes, Meta(max_length=LARGEST)]
    sum_ns: Large
    least_ns: Small
    most_ns: Small


class Parcel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parts; arrays are those of int64."""

    terms: FoldTerms
    counts: Annotated[list[Count], Meta(min_length=5, max_length=5)]
    outside_not_ok: Count
    ended_twice: Count
    run_lengths: bytes
    run_kinds: bytes
    work_ns: tuple[Small, Small] | None
    published_ns: Small
    backlog: bytes
    halves: tuple[Large, Large]
    executing_ns: Annotated[int, Meta(ge=0, le=STAMP_MOST_NS)]
    edges: tuple[Large, Large]
    batches: tuple[bytes, bytes]
    chain: dict[str, Summed]
    latency_squares_ns2: Large
    replied: bytes
    slices: tuple[bytes, bytes, bytes]
    starts: bytes
    ends: bytes


def packed(folded: Folded) -> bytes:
    """As bytes; equal where everything is."""
    chain, slices, terms = folded.chain, folded.slices, folded.terms
    parcel = Parcel(
        terms=terms,
        counts=list(msgspec.structs.astuple(folded.counts)),
        outside_not_ok=folded.outside_not_ok,
        ended_twice=folded.ended_twice,
        run_lengths=words_of(folded.endings.lengths),
        run_kinds=folded.endings.kinds.tobytes(),
        work_ns=folded.work_ns,
        published_ns=folded.published_ns,
        backlog=folded.backlog.tobytes(),
        halves=(str(folded.halves[0]), str(folded.halves[1])),
        executing_ns=folded.executing_ns,
        edges=(str(folded.edges.latency_ns), str(folded.edges.waited)),
        batches=(folded.batches.number.tobytes(), folded.batches.sum_ns.tobytes()),
        chain={
            name: Summed(chain.histograms[name].words(), str(chain.sums_ns[name]), *chain.extremes_ns[name])
            for name in NAMES
            if name in chain.extremes_ns
        },
        latency_squares_ns2=str(chain.latency_squares_ns2),
        replied=np.packbits(slices.replied).tobytes(),
        slices=(slices.ok.tobytes(), slices.sum_ns.tobytes(), slices.max_ns.tobytes()),
        starts=np.diff(folded.first_starts, prepend=terms.opened_ns).tobytes(),
        ends=np.diff(folded.last_ends, prepend=terms.opened_ns).tobytes(),
    )
    return zlib.compress(msgspec.msgpack.encode(parcel))


def unpacked(body: bytes, terms: FoldTerms, issued: int) -> Folded:
    """The reverse; raises ServiceError for what is not folded on those terms, of so many requests, or cannot be."""
    inflating = zlib.decompressobj()
    try:
        plain = inflating.decompress(body, UNPACKED_MOST)
        parcel = msgspec.msgpack.decode(plain, type=Parcel)
        folded = _folded(parcel, terms)
    except (zlib.error, msgspec.MsgspecError, RecursionError, ValueError, NotAHistogram) as error:
        raise ServiceError(f"it sent figures that cannot be read: {error}") from None
    if not inflating.eof or parcel.terms != terms or not _is_plausible(folded, issued):
        raise ServiceError("it sent figures that no trial has, or of another one")
    return folded


def _folded(parcel: Parcel, terms: FoldTerms) -> Folded:
    folded = Folded(terms)
    folded.counts = Counts(*parcel.counts)
    folded.outside_not_ok, folded.ended_twice = parcel.outside_not_ok, parcel.ended_twice
    kinds = np.frombuffer(parcel.run_kinds, np.int8)
    folded.endings = Endings(_sized(np.cumsum(numbers_of(parcel.run_lengths)), len(kinds)), kinds)
    folded.work_ns, folded.published_ns = parcel.work_ns, parcel.published_ns
    folded.backlog = _array(parcel.backlog, BACKLOG_POINTS)
    folded.halves = [int(half) for half in parcel.halves]
    folded.executing_ns = parcel.executing_ns
    folded.edges.latency_ns, folded.edges.waited = (int(edge) for edge in parcel.edges)
    folded.batches.number, folded.batches.sum_ns = (_array(part, BATCHES) for part in parcel.batches)
    for name, summed in parcel.chain.items():
        folded.chain.take(name, Histogram.of_words(summed.words), int(summed.sum_ns), (summed.least_ns, summed.most_ns))
    folded.chain.latency_squares_ns2 = int(parcel.latency_squares_ns2)
    folded.slices.replied = _sized(np.unpackbits(np.frombuffer(parcel.replied, np.uint8)), MOMENTS).astype(np.bool_)
    folded.slices.ok, folded.slices.sum_ns, folded.slices.max_ns = (_array(part, SLICES) for part in parcel.slices)
    kept = min(terms.edge, len(parcel.starts) // 8)
    folded.first_starts, folded.last_ends = (
        np.cumsum(_array(part, kept)) + terms.opened_ns for part in (parcel.starts, parcel.ends)
    )
    return folded


def _array(part: bytes, number: int) -> NDArray[np.int64]:
    return _sized(np.frombuffer(part, np.int64).copy(), number)


def _sized(values: NDArray[Any], number: int) -> NDArray[Any]:
    if len(values) != number:
        raise ValueError(f"{len(values)} numbers instead of {number}")
    return values


def _is_plausible(folded: Folded, issued: int) -> bool:
    """Whether what must agree does, so that nothing that relies on it meets what no trial has."""
    counts, chain, endings = folded.counts, folded.chain, folded.endings
    moments = [*(folded.work_ns or ()), folded.published_ns]
    return (
        bool(((endings.lengths > 0) & (endings.lengths <= issued)).all())  # else their sum may be below 0
        and len(endings) == issued
        and bool(((endings.kinds >= NOT_ENDED) & (endings.kinds <= max(Status))).all())
        and counts.submitted == counts.ok + counts.wrong + counts.failed + counts.lost <= issued + folded.ended_twice
        and all(chain.count(name) == counts.ok for name in chain.extremes_ns)
        and ("latency" in chain.extremes_ns) == (counts.ok > 0)
        and all(0 <= half <= (issued + folded.ended_twice) * WHOLE for half in folded.halves)
        and all(moment >= 0 for moment in moments)
        and bool((folded.slices.ok >= 0).all())
        and bool((folded.batches.number >= 0).all())
        and int(folded.batches.number.sum()) == counts.ok
    )

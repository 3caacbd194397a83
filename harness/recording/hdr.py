"""An HdrHistogram over NumPy: 1 µs to 1 h, three significant digits; all alike, so that they merge exactly.

Written in the V2 format of HdrHistogram (compressed, in base64), byte for byte as other implementations do: the tests
hold it against the Python one. That one needs a C compiler where it has no wheel, as on arm64, walks over its 23,552
counters in Python for each percentile, and unpacks whatever it is given. Source:
https://github.com/HdrHistogram/HdrHistogram, `AbstractHistogram.java`.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from harness.errors import UsageError

EXPONENT_FROM, EXPONENT_OF_1 = 52, 1023
"""Of IEEE 754's doubles: the first bit of the exponent, and the exponent of 1."""
LOWEST_US, HIGHEST_US, DIGITS = 1, 3_600_000_000, 3
KIND = "an HdrHistogram V2, compressed, of 1 µs to 1 h with 3 digits"
SUB_BUCKETS = 2048
"""Counters of the first bucket: the power of two that tells three digits apart. Any further bucket has half of them."""
HALF = SUB_BUCKETS // 2
HALF_BITS = HALF.bit_length() - 1
BUCKETS = (HIGHEST_US // SUB_BUCKETS).bit_length() + 1
COUNTERS = (BUCKETS + 1) * HALF

WORD_OF_9 = 0x10
ENCODED, COMPRESSED = 0x1C849303 | WORD_OF_9, 0x1C849304 | WORD_OF_9
OUTER = struct.Struct(">II")
INNER = struct.Struct(">IIIIQQd")
LONGEST_WORD = 8
"""Bytes of a number, with seven bits each: a counter holds up to 2⁵⁵ − 1."""
LARGEST = INNER.size + LONGEST_WORD * COUNTERS
"""Bytes of the longest histogram; more is not unpacked."""

Values = npt.NDArray[np.int64]


class NotAHistogram(UsageError):
    """Text that is no histogram of this kind, as in a damaged document."""


class Histogram:
    """Counts of values by counter; each counter stands for values that agree in three digits."""

    def __init__(self, counts: Values | None = None) -> None:
        self.counts: Values = np.zeros(COUNTERS, np.int64) if counts is None else counts

    @property
    def total(self) -> int:
        """How many values it holds."""
        return int(self.counts.sum())

    def record(self, value_us: int, count: int = 1) -> None:
        """Count a value so many times; it is brought within 0 to `HIGHEST_US`."""
        self.counts[_counters(np.asarray([value_us], np.int64))] += count

    def record_all(self, values_us: Values) -> None:
        """Count each of the values once."""
        self.counts += np.bincount(_counters(values_us), minlength=COUNTERS)

    def record_ns(self, durations_ns: Values, low: int, high: int) -> None:
        """Count each of these durations, rounded to µs, once; `low` and `high` are the least and the most of them."""
        if low < 0 or high >= HIGHEST_US * 1000:
            self.record_all((durations_ns + 500) // 1000)
        elif low == high:
            self.record((low + 500) // 1000, len(durations_ns))
        else:
            found = np.bincount(_counters_of_ns(durations_ns, low, high))
            self.counts[: len(found)] += found

    def add(self, other: Self) -> None:
        """Count all that the other one holds."""
        self.counts += other.counts

    def value_at(self, percent: float) -> int:
        """The highest value that the percentile may be, in µs; 0 if the histogram is empty."""
        return self.values_at([percent])[0]

    def values_at(self, percents: Sequence[float]) -> list[int]:
        """Those of several percentiles, in one pass."""
        below = np.cumsum(self.counts)
        total = int(below[-1])
        if not total:
            return [0] * len(percents)
        ranks = [max(1, int(min(percent, 100.0) * total / 100 + 0.5)) for percent in percents]
        return [_highest(int(counter)) for counter in np.searchsorted(below, ranks)]

    def recorded(self) -> Iterator[tuple[int, int]]:
        """The highest value of each counter that holds any, in µs, and how many it holds; in ascending order."""
        for counter in np.flatnonzero(self.counts):
            yield _highest(int(counter)), int(self.counts[counter])

    def encode(self) -> str:
        """As text."""
        words = self.words()
        inner = INNER.pack(ENCODED, len(words), 0, DIGITS, LOWEST_US, HIGHEST_US, 1.0)
        packed = zlib.compress(inner + words)
        return base64.b64encode(OUTER.pack(COMPRESSED, len(packed)) + packed).decode("ascii")

    def words(self) -> bytes:
        """Its counts alone, in the same form, not compressed."""
        return words_of(_runs(self.counts))

    @classmethod
    def of_words(cls, words: bytes) -> Self:
        """The reverse; raises NotAHistogram."""
        return cls(_counts(numbers_of(words[: LARGEST + 1])))

    @classmethod
    def decode(cls, text: str) -> Self:
        """From text; raises NotAHistogram, without having unpacked more than such a histogram can hold."""
        try:
            raw = base64.b64decode(text, validate=True)
            cookie, length = OUTER.unpack_from(raw)
            unpacking = zlib.decompressobj()
            inner = unpacking.decompress(raw[OUTER.size :], LARGEST)
            header = INNER.unpack_from(inner)
        except (binascii.Error, ValueError, struct.error, zlib.error) as error:
            raise NotAHistogram(f"A histogram of latencies is damaged: {error}.") from error
        whole = length == len(raw) - OUTER.size and unpacking.eof
        expected = (ENCODED, len(inner) - INNER.size, 0, DIGITS, LOWEST_US, HIGHEST_US, 1.0)
        if cookie != COMPRESSED or not whole or header != expected:
            raise NotAHistogram(f"A histogram of latencies is not of the kind that the workbench writes ({KIND}).")
        return cls(_counts(numbers_of(inner[INNER.size :])))


def _counters(values_us: Values) -> Values:
    """The counter of each value."""
    values = np.clip(values_us, 0, HIGHEST_US).astype(np.int64, copy=False)
    # A double's exponent is the number of its highest bit: exactly, because values are below 2^53.
    exponents = (values | SUB_BUCKETS - 1).astype(np.float64).view(np.int64) >> EXPONENT_FROM
    buckets = exponents - (EXPONENT_OF_1 + SUB_BUCKETS.bit_length() - 2)
    counters: Values = (buckets << HALF_BITS) + (values >> buckets)
    return counters


def _counters_of_ns(durations_ns: Values, low: int, high: int) -> Values:
    """The same for durations within the range, at a third of the cost; each value is that in µs, rounded."""
    # An integer below 2^50 divided by 1000 is never rounded up to the next integer, so that the part behind the point
    # can stay: a counter is a value below 1024, or else the leading bits of the double, of exponent and fraction.
    values = (durations_ns + 500) / 1000.0
    if high < 1000 * SUB_BUCKETS - 500:
        return values.astype(np.int64)
    leading: Values = (values.view(np.int64) >> EXPONENT_FROM - HALF_BITS) - (
        EXPONENT_OF_1 + HALF_BITS - 1 << HALF_BITS
    )
    return leading if low >= 1000 * HALF else np.where(values < HALF, values.astype(np.int64), leading)


def _highest(counter: int) -> int:
    """The highest value that it stands for, in µs."""
    bucket = max(0, (counter >> HALF_BITS) - 1)
    lowest = (counter - (bucket << HALF_BITS)) << bucket
    return lowest + (1 << bucket) - 1


def _runs(counts: Values) -> Values:
    """The counts up to the last that is not 0; so many zeros in a row are one negative number."""
    held = np.flatnonzero(counts)
    zeros = np.diff(held, prepend=-1) - 1
    numbers: Values = np.column_stack([-zeros, counts[held]]).ravel()
    held_or_zeros: Values = numbers[numbers != 0]
    return held_or_zeros


def _counts(numbers: Values) -> Values:
    """The reverse of `_runs`; raises NotAHistogram for more counters than there are."""
    steps = np.where(numbers < 0, np.minimum(-numbers, COUNTERS + 1), 1)
    if steps.sum() > COUNTERS:
        raise NotAHistogram(f"A histogram of latencies has more than {COUNTERS} counters ({KIND}).")
    counts = np.zeros(COUNTERS, np.int64)
    counts[(np.cumsum(steps) - steps)[numbers > 0]] = numbers[numbers > 0]
    return counts


def words_of(numbers: Values) -> bytes:
    """ZigZag and LEB128: the sign in the last bit, seven bits a byte, the low ones first."""
    signless = (numbers << 1 ^ numbers >> 63)[:, np.newaxis]
    places = np.arange(LONGEST_WORD)
    parts = signless >> 7 * places & 0x7F
    lengths = np.maximum(1, LONGEST_WORD - np.argmax(parts[:, ::-1] != 0, axis=1))[:, np.newaxis]
    lengths[signless == 0] = 1
    parts[places < lengths - 1] |= 0x80
    return bytes(parts[places < lengths].astype(np.uint8))


def numbers_of(words: bytes) -> Values:
    """The reverse of `words_of`; raises NotAHistogram where the last one is cut, or one is too long."""
    parts = np.frombuffer(words, np.uint8).astype(np.int64)
    ends = np.flatnonzero(parts < 0x80)
    if len(parts) and (not len(ends) or ends[-1] != len(parts) - 1):
        raise NotAHistogram("A histogram of latencies is damaged: it ends within a number.")
    lengths = np.diff(ends, prepend=-1)
    if len(lengths) and lengths.max() > LONGEST_WORD:
        raise NotAHistogram(f"A histogram of latencies is damaged: a count has more than {LONGEST_WORD} bytes.")
    if not len(parts):
        return parts
    starts = ends - lengths + 1
    places = np.arange(len(parts)) - np.repeat(starts, lengths)
    signless = np.add.reduceat((parts & 0x7F) << 7 * places, starts)
    numbers: Values = signless >> 1 ^ -(signless & 1)
    return numbers

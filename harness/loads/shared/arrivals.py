"""Arrivals from a file: CSV or JSON lines, with a timestamp a line. Whatever is wrong is named with its line."""

import csv
import hashlib
import io
import json
import math
import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from harness.errors import UsageError
from harness.statistics.units import time_in_words

BYTES_MOST = 64 * 2**20
ARRIVALS_MOST = 200_000
LEAST_S, MOST_S = 1.0, 86_400.0
"""From the first arrival to the last, as it is replayed: a shorter window is not measured."""
GAP_MOST_S = 600.0
"""Between two arrivals, as they are replayed."""
COLUMNS = ("timestamp", "time", "ts", "at", "arrival", "due")
"""Names of the column, or the key, that has the timestamp; without one of them, it is the first column."""
MILLISECONDS = 1e11
"""Seconds since 1970 reach so far in the year 5138: whoever writes such a number means milliseconds."""
US = 1_000_000
GAP_US_MOST = int(GAP_MOST_S) * US
Moment = float | datetime


class Arrivals(NamedTuple):
    """What the file has."""

    offsets_us: tuple[int, ...]
    """From the first one, in ascending order."""
    lines: tuple[int, ...]
    """Where each stands."""
    sha256: str
    """Of the whole file."""


@cache
def arrivals_of(path: str) -> Arrivals:
    """The arrivals of that file, read once in this process; raises UsageError that says what is wrong, and where."""
    data = _bytes_of(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: expected UTF-8; byte {error.start} is none.") from None
    found = [(line, moment) for line, moment in _moments(text, path)]
    if len(found) < 2:
        raise UsageError(f"{path}: expected two arrivals or more, one a line; got {len(found) or 'none'}.")
    lines, moments = zip(*found, strict=True)
    return Arrivals(tuple(_offsets_us(moments, lines, path)), lines, hashlib.sha256(data).hexdigest())


@cache
def replayed(path: str, speed: float) -> Arrivals:
    """The same; raises UsageError too if they take too long or too short a time at that speed, as does a gap."""
    arrivals = arrivals_of(path)
    for (line, before), (next_line, after) in pairwise(zip(arrivals.lines, arrivals.offsets_us, strict=True)):
        gap_s = (after - before) / US / speed
        if gap_s > GAP_MOST_S:
            raise UsageError(
                f"{path}, line {next_line}: {time_in_words(gap_s)} after line {line}, as it would be replayed; nothing "
                f"may come for at most {time_in_words(GAP_MOST_S)}. Cut the file there, or replay it faster (*SPEED)."
            )
    lasts_s = arrivals.offsets_us[-1] / US / speed
    if not LEAST_S <= lasts_s <= MOST_S:
        raise UsageError(
            f"{path}: its arrivals would be replayed within {lasts_s:g} s; expected from {LEAST_S:g} s to "
            f"{MOST_S:g} s. Give another *SPEED, or another part of the file."
        )
    return arrivals


def _bytes_of(path: str) -> bytes:
    """The content of a regular file: nothing else is waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: it cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError(f"{path}: expected a file of arrivals; this is none.")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(BYTES_MOST + 1)
    if len(data) > BYTES_MOST:
        raise UsageError(f"{path}: expected at most {BYTES_MOST // 2**20} MB.")
    return data


def _moments(text: str, path: str) -> Iterator[tuple[int, Moment]]:
    """Line number and timestamp of each line that is not blank."""
    reading = _json_moments(text, path) if text.lstrip()[:1] == "{" else _csv_moments(text, path)
    for count, found in enumerate(reading, start=1):
        if count > ARRIVALS_MOST:
            raise UsageError(
                f"{path}, line {found[0]}: more than {ARRIVALS_MOST:,} arrivals. Replay a part of the file."
            )
        yield found


def _json_moments(text: str, path: str) -> Iterator[tuple[int, Moment]]:
    for line, written in enumerate(io.StringIO(text, newline=None), start=1):  # `splitlines` splits within texts too
        if not written.strip():
            continue
        try:
            value = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}, line {line}: it is no JSON: {error}.") from None
        yield line, _moment(_keyed(value, path, line), path, line)


def _keyed(value: Any, path: str, line: int) -> Any:
    """What an object has under one of the names; anything else itself."""
    if not isinstance(value, dict):
        return value
    key = next((name for name in COLUMNS if name in value), None)
    if key is None:
        raise UsageError(f"{path}, line {line}: expected a timestamp under one of the keys {', '.join(COLUMNS)}.")
    return value[key]


def _csv_moments(text: str, path: str) -> Iterator[tuple[int, Moment]]:
    """The first row may be a heading: one that begins with no timestamp."""
    reader, column, is_first = csv.reader(io.StringIO(text, newline="")), 0, True
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            column_of, is_first = _heading(row) if is_first else None, False
            if column_of:
                column = column_of - 1
                continue
            if len(row) <= column:
                raise UsageError(f"{path}, line {reader.line_num}: it has no column {column + 1}.")
            yield reader.line_num, _moment(row[column].strip(), path, reader.line_num)
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: it is no CSV: {error}.") from None


def _heading(row: Sequence[str]) -> int | None:
    """The column of the timestamp, from 1, where that row names one; None where it is no heading."""
    names = [cell.strip().lower() for cell in row]
    return next((names.index(name) + 1 for name in COLUMNS if name in names), None)


def _moment(value: Any, path: str, line: int) -> Moment:
    """Seconds, or a moment by the calendar."""
    where = f"{path}, line {line}"
    if isinstance(value, str) and (parsed := _parsed(value)) is not None:
        value = parsed
    if isinstance(value, datetime):
        return value
    if not _is_finite(value):
        heading = f" A heading names the column of timestamps: {', '.join(COLUMNS)}." if line == 1 else ""
        raise UsageError(
            f"{where}: expected a timestamp, in seconds or as ISO 8601 (2026-11-26T12:00:00.250Z); got "
            f"{str(value)[:80]!r}.{heading}"
        )
    if value < 0:
        raise UsageError(f"{where}: expected seconds of 0 or more; got {value:g}.")
    if value >= MILLISECONDS:
        raise UsageError(f"{where}: expected seconds, and {value:.15g} look like milliseconds. Divide them by 1000.")
    return float(value)


def _is_finite(value: Any) -> bool:
    """Whether it is a number, and none that is too large to be one of seconds."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _parsed(text: str) -> Moment | None:
    """A number, or a date with a time; None for anything else."""
    try:
        return float(text) if "_" not in text else None
    except ValueError:  # then it may be a date
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _offsets_us(moments: Sequence[Moment], lines: Sequence[int], path: str) -> Iterator[int]:
    """From the first one; raises UsageError where they are of different kinds or not in order."""
    first, last_us, last_line = moments[0], 0, lines[0]
    for moment, line in zip(moments, lines, strict=True):
        if _kind(moment) != _kind(first):
            raise UsageError(f"{path}, line {line}: {_kind(moment)}, but line {lines[0]} has {_kind(first)}.")
        offset_us = round((_seconds(moment) - _seconds(first)) * US)
        if offset_us < last_us:
            raise UsageError(f"{path}, line {line}: earlier than line {last_line}. Sort the file by its timestamps.")
        yield offset_us
        last_us, last_line = offset_us, line


def _kind(moment: Moment) -> str:
    if isinstance(moment, float):
        return "a number of seconds"
    return "a date without a time zone" if moment.tzinfo is None else "a date with a time zone"


def _seconds(moment: Moment) -> float:
    """Since 1970; a date without a time zone as if it were UTC, where no hour occurs twice."""
    if isinstance(moment, float):
        return moment
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()

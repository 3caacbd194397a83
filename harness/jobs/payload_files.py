"""Files of payloads: JSON, JSON lines, CSV. A large one is read line by line as it is needed."""

import csv
import io
import json
import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, overload

from harness.errors import UsageError
from harness.jobs.importing import shown
from harness.jobs.text import cut

IN_MEMORY = 16 * 2**20
"""Bytes of a file that is held in memory."""
LINES_MOST = 1_000_000
"""Of a larger one: a run calls a job less often."""
LINES = (".jsonl", ".ndjson")
"""Suffixes of files each line of which is a value, also where it is a list."""
TABLES = {".csv": ",", ".tsv": "\t"}
EXPECTED = "Expected JSON (a list of payloads, or one), one JSON value a line, or CSV with a header (.csv)."


class Value(NamedTuple):
    """A payload as it was written."""

    where: str
    value: Any


def read(file: Path) -> Sequence[Value]:
    """The payloads in a file, each with its place; raises UsageError."""
    where = f"payloads {shown(str(file))}"
    try:
        if not file.is_file() and file.exists():
            raise UsageError(f"{where}: it is {'a folder' if file.is_dir() else 'no file'}.")
        large = file.stat().st_size > IN_MEMORY
        values: Sequence[Value] = Lines(file, where) if large else _read(file.read_text("utf-8-sig"), file, where)
    except OSError as error:
        raise UsageError(f"{where}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: not UTF-8 ({error.reason} at byte {error.start}). {EXPECTED}") from None
    if not values:
        raise UsageError(f"{where}: it holds none. {EXPECTED}")
    return values


class Lines(Sequence[Value]):
    """The first lines of a large file; each is read when it is asked for."""

    def __init__(self, file: Path, where: str) -> None:
        if file.suffix in TABLES:
            raise UsageError(f"{where}: so large a file must have one JSON value a line.")
        self._where = where
        self._starts = array("Q")
        """Of each line that is not blank, and where the last one ends."""
        with file.open("rb") as lines:
            at = 3 if lines.read(3) == b"\xef\xbb\xbf" else 0
            lines.seek(at)
            while (line := lines.readline(IN_MEMORY)) and len(self._starts) < LINES_MOST:
                if line.strip():
                    self._starts.append(at)
                at += len(line)
        self._starts.append(at)
        self._file = os.open(file, os.O_RDONLY)
        if len(self):
            self[0]

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Value]: ...
    def __getitem__(self, index: int | slice) -> Value | Sequence[Value]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        start, end = self._starts[index : index + 2]
        line = os.pread(self._file, end - start, start)
        try:
            return Value(f"{self._where}, payload {index}", json.loads(line))
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"{self._where}, line {self._line_of(start)}: no JSON: {error}.\n"
                f"    {cut(line.decode('utf-8', 'replace').strip())}\n"
                "So large a file must have one JSON value a line."
            ) from None

    def _line_of(self, start: int) -> int:
        """The number of the line that begins there."""
        lines, at = 1, 0
        while at < start:
            read = os.pread(self._file, min(start - at, IN_MEMORY), at)
            lines, at = lines + read.count(b"\n"), at + len(read)
        return lines


def _read(text: str, file: Path, where: str) -> list[Value]:
    if file.suffix in TABLES:
        return list(_rows(text, TABLES[file.suffix], where))
    if file.suffix in LINES and "\n" not in text.strip():
        return _lines(text, where)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if not text.strip() or "Extra data" in str(error) or "\n" not in text.strip():
            return _lines(text, where)
        line = getattr(error, "lineno", 1)
        raise _no_json(f"{where}, line {line}", error, text.split("\n")[line - 1]) from None
    if isinstance(value, list) and not (file.suffix in LINES and text.lstrip().startswith("[[")):
        return [Value(f"{where}, payload {number}", each) for number, each in enumerate(value)]
    return [Value(f"{where}, line 1", value)]


def _lines(text: str, where: str) -> list[Value]:
    values = []
    for line_number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values.append(Value(f"{where}, line {line_number}", json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise _no_json(f"{where}, line {line_number}", error, line) from None
    return values


def _rows(text: str, separator: str, where: str) -> Iterator[Value]:
    """Each row by the names in the first one; values are texts."""
    reader: Any = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        names = list(reader.fieldnames or [])
        if len(set(names)) < len(names) or "" in names:
            raise UsageError(f"{where}, line 1: each column needs a name of its own; got {', '.join(names)}.")
        for row in reader:
            if None in row or None in row.values():
                cells = [cell for name in [*names, None] for cell in _cells(row.get(name))]
                got = f"expected {len(names)} cells; got {len(cells)}: {cut(', '.join(cells))}"
                raise UsageError(f"{where}, line {reader.line_num}: {got}.")
            yield Value(f"{where}, line {reader.line_num}", row)
    except csv.Error as error:
        raise UsageError(f"{where}, line {reader.line_num}: no CSV: {error}.") from None


def _cells(value: Any) -> list[str]:
    """What a row has in a column; a list where it has more than there are columns."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _no_json(where: str, error: Exception, line: str) -> UsageError:
    return UsageError(f"{where}: no JSON: {error}.\n    {cut(line)}\n{EXPECTED}")

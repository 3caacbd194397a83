"""Writes and reads results documents."""

import os
import re
from pathlib import Path
from typing import TypeVar

import msgspec

from harness.errors import UsageError, WriteError
from harness.machine.held import hold, is_held, is_surely_held
from harness.machine.names import is_folder, is_there
from harness.results.encoding import encoded
from harness.results.model import SCHEMA, SCHEMA_MAJOR, SCHEMA_MINOR, Results, Run
from harness.results.places import check_writable, write_text

DOCUMENT = "results.json"
JOURNAL = "progress.jsonl"
SCHEMA_CHARACTERS = 60
BYTES_MOST = 256 * 10**6
"""Of a document: some hundred times that of a run of all plans."""
Kind = TypeVar("Kind")


class Store:
    """The folder of one run. Its document is replaced atomically, so a reader never sees an incomplete one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / DOCUMENT
        self.journal = folder / JOURNAL
        self.logs = folder / "logs"
        self._held: int | None = None

    def create(self) -> None:
        """Create the folder; raises UsageError if it cannot be written, or contains the document of another run."""
        if is_there(self.path):
            raise UsageError(f"{self.folder} already contains a run; choose another folder with -o.")
        if is_surely_held(self.folder):
            raise UsageError(f"another run is being written into {self.folder}; choose another folder with -o.")
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the run's folder {self.folder} cannot be written: {error.strerror}. Name another one: -o DIR."
            ) from None
        check_writable(self.path, "-o")
        self._held = hold(self.folder)  # as long as this process lives

    def release(self) -> None:
        """Hold the folder no longer: the run is over."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def save(self, results: Results) -> None:
        """Write the document atomically; raises WriteError if it cannot be written."""
        try:
            write(self.path, results)
        except WriteError as error:
            kept = " What was saved before is still in it." if is_there(self.path) else ""
            raise WriteError(f"{error}{kept}") from None

    def log(self, name: str) -> Path:
        """Path of the log of a process of the run."""
        return self.logs / f"{name}.log"

    def stamps(self, order: int) -> Path:
        """Path of the stamps of a trial's requests."""
        (self.folder / "stamps").mkdir(exist_ok=True)
        return self.folder / "stamps" / f"{order}.npy"

    def stacks(self, order: int) -> Path:
        """Path of the folded stacks of a trial."""
        (self.folder / "profiles").mkdir(exist_ok=True)
        return self.folder / "profiles" / f"{order}.folded"


def write(path: Path, results: Results) -> None:
    """Write a document atomically; raises WriteError if it cannot be written."""
    write_text(path, msgspec.json.format(encoded(results), indent=1).decode())


def publish(folder: Path, results: Results) -> Path:
    """Write a document into a folder of its own, made if needed; raises UsageError or WriteError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}. Name another folder: -o DIR.") from None
    write(folder / DOCUMENT, results)
    return folder / DOCUMENT


def read(path: Path) -> Results:
    """Read a document, or the one in a run's folder; raises UsageError that says where it is wrong."""
    file = path / DOCUMENT if is_folder(path) else path
    try:
        with file.open("rb") as opened:
            data = opened.read(BYTES_MOST + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}.{_runs_in(path)}") from None
    if len(data) > BYTES_MOST:
        raise UsageError(f"{file}: not a results document: it has more than {BYTES_MOST / 1e6:.0f} MB.")
    return parse(data, str(file), file.parent)


def _runs_in(folder: Path) -> str:
    """Where somebody names the folder of all runs: the last one in it, by its name, which begins with its time."""
    runs = sorted(document.parent for document in folder.glob(f"*/{DOCUMENT}")) if is_folder(folder) else []
    return f" Name one of the runs in that folder, such as {runs[-1]}." if runs else ""


def parse(data: bytes, name: str, folder: Path) -> Results:
    """The document of the run in that folder; errors call it `name`. Raises UsageError that says where it is wrong."""
    _check_schema(name, data)
    results = _decoded(_upgraded(data), Results, name)
    return msgspec.structs.replace(results, schema=SCHEMA, run=_as_it_stands(results.run, folder))


def parse_run(data: bytes, folder: Path) -> Run:
    """The part of a document that describes its run, without its cells; raises UsageError."""
    return _as_it_stands(_decoded(_upgraded(data), _Head, DOCUMENT).run, folder)


def _decoded(data: bytes, kind: type[Kind], name: str) -> Kind:
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise UsageError(f"{name}: not a results document: it is nested too deeply.") from None
    except ValueError as error:  # msgspec's errors are such; so is invalid UTF-8
        raise UsageError(f"{name}: not a results document: {error}.") from None


def _as_it_stands(run: Run, folder: Path) -> Run:
    """A run that was killed could not write that it ended."""
    if run.status != "running" or is_held(folder):
        return run
    return msgspec.structs.replace(run, status="killed")


class _Schema(msgspec.Struct):
    schema: str


class _Head(msgspec.Struct):
    run: Run


def _upgraded(data: bytes) -> bytes:
    """A document of this or a lower minor version as this version writes it.

    Up to 1.5, matched resources were called means; until release 1.0.0, comparisons named rows with their time scale.
    Quotes within JSON strings are escaped with a backslash, so the patterns match only a key with its value.
    """
    data = re.sub(rb'"matched":\s*"means"', b'"matched": "resources"', data)
    return re.sub(rb'("(?:base|contender)":\s*"[^"]*?)\+time-scale-\d+', rb"\1", data)


def _check_schema(name: str, data: bytes) -> None:
    schema = _decoded(data, _Schema, name).schema
    match = re.fullmatch(r"workbench/(\d{1,9})\.(\d{1,9})", schema)
    if match is None or int(match[1]) != SCHEMA_MAJOR or int(match[2]) > SCHEMA_MINOR:
        raise UsageError(
            f"{name}: schema {schema[:SCHEMA_CHARACTERS]!r} cannot be read; this workbench reads "
            f"workbench/{SCHEMA_MAJOR}.0 to workbench/{SCHEMA_MAJOR}.{SCHEMA_MINOR}."
        )

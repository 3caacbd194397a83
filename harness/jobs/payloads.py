"""What a job is called with: keyword arguments of each request, made from a list, a function or a file."""

import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.jobs.importing import place_and_reason, shown
from workloads.job import Job

CHARACTERS_MOST = 256 * 2**20
SHOWN_CHARACTERS = 200
NO_ARGUMENTS = "\nSay what it is called with: --payloads FILE, or Job(payloads=…)."


class Numbered(dict[str, Any]):
    """A payload that knows which one it is."""

    __slots__ = ("number",)
    number: int

    @classmethod
    def of(cls, payload: dict[str, Any], number: int) -> "Numbered":
        """That payload, under that number."""
        numbered = cls(payload)
        numbered.number = number
        return numbered


class Payloads:
    """By the request's number: a list starts again at its end."""

    def __init__(self, job: Job, arguments: Sequence[str], base: Path) -> None:
        """`arguments`: names of those that are given by position. `base`: where the job's file is."""
        self._arguments = arguments
        self._make: Callable[[int], Any] | None = None
        self._listed: list[Numbered] = []
        given = job.payloads
        if isinstance(given, (str, Path)):
            file = base / given
            self._where = shown(str(file))
            self._listed = self._numbered(read(file))
        elif callable(given):
            self._where = f"payloads({{}}) of {getattr(given, '__name__', given)}"
            self._make = given
        else:
            self._where = "payload"
            self._listed = self._numbered([(f"payload {number}", value) for number, value in enumerate(given)])

    @property
    def count(self) -> int | None:
        """How many there are; None for a function."""
        return None if self._make is not None else len(self._listed)

    def of(self, number: int) -> Numbered:
        """Of that request; raises UsageError for what is no payload."""
        if self._make is None:
            return self._listed[number % len(self._listed)]
        where = self._where.format(number)
        try:
            value = self._make(number)
        except Exception as error:
            raise UsageError(f"{where}: {place_and_reason(error)}") from error
        return Numbered.of(named(value, self._arguments, where), number)

    def _numbered(self, values: list[tuple[str, Any]]) -> list[Numbered]:
        named_ones = [named(value, self._arguments, where) for where, value in values]
        return [Numbered.of(payload, number) for number, payload in enumerate(named_ones)]


def named(value: Any, arguments: Sequence[str], where: str) -> dict[str, Any]:
    """A payload as keyword arguments; raises UsageError unless it is JSON and there are so many arguments."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{where}: a payload must be JSON, because a broker carries it: {error}.") from error
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise UsageError(f"{where}: names of arguments must be text; got {cut(value)}.")
        return value
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(values) > len(arguments):
        takes = ", ".join(arguments) or "none"
        raise UsageError(f"{where}: {len(values)} arguments by position, but the job takes {takes}.")
    return dict(zip(arguments, values, strict=False))


def read(file: Path) -> list[tuple[str, Any]]:
    """The payloads in a file, each with its place: a JSON list, or a JSON value a line. Raises UsageError."""
    where = shown(str(file))
    try:
        if file.stat().st_size > CHARACTERS_MOST:
            raise UsageError(f"payloads {where}: larger than {CHARACTERS_MOST // 2**20} MiB.")
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"payloads {where}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"payloads {where}: not UTF-8 ({error.reason} at byte {error.start}).") from None
    values = _list(text, where) if text.lstrip().startswith("[") else None
    if values is None:
        values = _lines(text, where)
    if not values:
        raise UsageError(f"payloads {where}: it holds none.")
    return values


def _list(text: str, where: str) -> list[tuple[str, Any]] | None:
    """The elements of a JSON list; None if each line is a list."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        if "Extra data" in str(error):
            return None
        raise UsageError(f"payloads {where}: no JSON: {error}.") from None
    return [(f"{where}, payload {number}", value) for number, value in enumerate(values)]


def _lines(text: str, where: str) -> list[tuple[str, Any]]:
    values = []
    for line_number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values.append((f"{where}, line {line_number}", json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise UsageError(f"payloads {where}, line {line_number}: no JSON: {error}.\n    {cut(line)}") from None
    return values


def check_fits(signature: inspect.Signature, payload: dict[str, Any], who: str, where: str) -> None:
    """Raise UsageError if a function does not take these arguments."""
    try:
        signature.bind(**payload)
    except TypeError as error:
        raise UsageError(
            f"{where}: {who} does not take these arguments: {error}.\n"
            f"    it takes  {signature}\n"
            f"    it gets   {', '.join(f'{name}={cut(value, 60)}' for name, value in payload.items()) or 'nothing'}"
            f"{'' if payload else NO_ARGUMENTS}"
        ) from None


def by_position(signature: inspect.Signature) -> list[str]:
    """Names of the arguments that can be given by position, in order."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, parameter in signature.parameters.items() if parameter.kind in kinds]


def cut(value: Any, most: int = SHOWN_CHARACTERS) -> str:
    """Its text, not longer than that."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"

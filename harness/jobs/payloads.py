"""What a job is called with: arguments by name of each request, made from a list, a function or a file."""

import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.jobs.calling import REST
from harness.jobs.importing import place_and_reason, place_of, shown
from harness.jobs.payload_files import Lines, Value, read
from harness.jobs.text import cut
from workloads.job import Job

ONE_EACH = "Return the payload of that request; or give list(…)."


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
        self._lines: Lines | None = None
        self._listed: list[Numbered] = []
        given = job.payloads
        if isinstance(given, (str, Path)):
            file = base / given
            self._where = shown(str(file))
            values = read(file)
            if isinstance(values, Lines):
                self._lines = values
            else:
                self._listed = self._numbered(values)
        elif callable(given):
            self._where = f"payloads({{}}) of {getattr(given, '__name__', given)}"
            self._make = _checked(given)
        else:
            self._where = "payload"
            self._listed = self._numbered([Value(f"payload {number}", value) for number, value in enumerate(given)])

    @property
    def count(self) -> int | None:
        """How many there are; None for a function."""
        if self._lines is not None:
            return len(self._lines)
        return None if self._make is not None else len(self._listed)

    def of(self, number: int) -> Numbered:
        """Of that request; raises UsageError for what is no payload."""
        if self._lines is not None:
            at = number % len(self._lines)
            written = self._lines[at]
            return Numbered.of(named(written.value, self._arguments, written.where), at)
        if self._make is None:
            return self._listed[number % len(self._listed)]
        where = self._where.format(number)
        try:
            value = self._make(number)
        except Exception as error:
            raise UsageError(f"{where}: {place_and_reason(error)}") from error
        if inspect.isgenerator(value):
            raise UsageError(f"{where}: it returned a generator. {ONE_EACH}")
        return Numbered.of(named(value, self._arguments, where), number)

    def _numbered(self, values: Sequence[Value]) -> list[Numbered]:
        named_ones = [named(value, self._arguments, where) for where, value in values]
        return [Numbered.of(payload, number) for number, payload in enumerate(named_ones)]


def _checked(make: Callable[[int], Any]) -> Callable[[int], Any]:
    """A function that returns one payload; raises UsageError for those that cannot."""
    kinds = {"a generator function": inspect.isgeneratorfunction, "an async def": inspect.iscoroutinefunction}
    for kind, is_one in kinds.items():
        if is_one(make):
            place = place_of(make)
            raise UsageError(
                f"{place.file}, line {place.line}: {getattr(make, '__name__', make)} is {kind}. The payloads of a run "
                f"are made in several processes, each called with the number of a request. {ONE_EACH}"
            )
    return make


def named(value: Any, arguments: Sequence[str], where: str) -> dict[str, Any]:
    """A payload as arguments by name, as a broker delivers it; raises UsageError unless it is JSON and they fit."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{where}: a payload must be JSON, because a broker carries it: {error}.") from error
    if isinstance(value, dict) and not all(isinstance(name, str) for name in value):
        raise UsageError(f"{where}: names of arguments must be text; got {cut(value)}.")
    arrived = json.loads(text)
    if isinstance(arrived, dict):
        return arrived
    values = arrived if isinstance(arrived, list) else [arrived]
    fixed = [name for name in arguments if not name.startswith(REST)]
    given = dict(zip(fixed, values, strict=False))
    further = values[len(fixed) :]
    if not further:
        return given
    if len(fixed) == len(arguments):
        takes = ", ".join(arguments) or "none so: give an object with the names of its arguments, if it has any"
        many = f"{len(values)} argument{'s' if len(values) > 1 else ''}"
        raise UsageError(f"{where}: {many} by position, but the job takes {takes}.")
    return {**given, arguments[-1].removeprefix(REST): further}

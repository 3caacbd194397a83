"""The declaration of a job of your own: `JOB = Job(coroutine=…, task=…, payloads=…)`, in a file or a package of yours.

Functions are given themselves, or as `"PACKAGE.MODULE:NAME"`, which is imported only where that side runs. An unknown
part, or one with the wrong type, raises SideError.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workloads.side import AsyncioSide, CelerySide, Declaration, SideError, Work

Payloads = Sequence[Any] | Callable[[int], Any] | str | Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Job(Declaration):
    """One job as both sides do it, and what it is called with."""

    coroutine: Work | AsyncioSide | str | None = None
    """The coroutine function; or an AsyncioSide, or where one of them is."""
    task: Any = None
    """The task of your Celery application; or a CelerySide, or where one of them is."""
    payloads: Payloads = ({},)
    """What one request is called with: a list, a function of the request's number (0, 1, 2…), or a file (JSON, JSON
    lines or CSV; relative to the file of the job). An object holds arguments by name, a list holds them by position,
    and anything else is the only argument. A list, or a file, starts again at its end."""
    app: Any = None
    """The Celery application, as `celery -A` takes it, where the task does not lead to it."""
    resources: Callable[..., AbstractAsyncContextManager[Any]] | str | None = None
    """Opens what all requests of the coroutine share, such as a client (see AsyncioSide)."""
    check: Callable[[Any, Any], Any] | str | None = None
    """Called with the payload and the reply; returns what is wrong in one line, or False; None or True: nothing."""
    ignore: Sequence[str] = ()
    """Fields of the reply in which both sides may differ, such as dates and ids: `date`, or `order.created`."""
    rate: str | float | None = None
    """Requests a second that it has to serve, such as `120/s`."""
    ideal_s: float | None = None
    """The least time that a request can take, in seconds: no figure may lie below it."""
    name: str | None = None
    """Its name in tables. Default: that of its file, or of its coroutine."""

    def __post_init__(self) -> None:
        if self.coroutine is None and self.task is None:
            raise SideError("Job needs a coroutine or a task: Job(coroutine=…, task=…, payloads=…)")
        self._check("coroutine", fits=_is_coroutine, wanted="a coroutine function, or PACKAGE.MODULE:NAME")
        if isinstance(self.payloads, Iterator):
            raise SideError(
                "Job(payloads=…) is a generator, which only one process could read, once: give list(…), or a function "
                "of the request's number"
            )
        if isinstance(self.payloads, (dict, set, frozenset)):
            raise SideError("Job(payloads=…) must be a list: [{…}] for one payload, or list(…) of several")
        self._check("payloads", fits=_are_payloads, wanted="a list, a function of the request's number, or a file")
        self._check("resources", "check", fits=_callable_or_place, wanted="callable, or PACKAGE.MODULE:NAME")
        self._check("ignore", fits=_are_texts, wanted="a list of names")
        self._check("ideal_s", fits=_is_time, wanted="a number of seconds above 0")
        self._check("name", fits=lambda value: value is None or isinstance(value, str), wanted="a text")
        side = self.task if isinstance(self.task, CelerySide) else None
        if side is not None and (side.beat_schedule is not None or side.stop is not None):
            raise SideError("Job(task=CelerySide(…)) takes no beat_schedule and no stop: these are for scenarios")


def _is_coroutine(value: Any) -> bool:
    return value is None or isinstance(value, (str, AsyncioSide)) or callable(value)


def _are_payloads(value: Any) -> bool:
    if isinstance(value, (str, Path)) or callable(value):
        return True
    return isinstance(value, Sequence) and not isinstance(value, bytes) and len(value) > 0


def _callable_or_place(value: Any) -> bool:
    return value is None or isinstance(value, str) or callable(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(item, str) for item in value)


def _is_time(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0)

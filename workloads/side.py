"""The declaration at the end of each module of a side: `SIDE = AsyncioSide(…)` or `SIDE = CelerySide(…)`.

Only a coroutine function, or a task, is required. An unknown part, or one with the wrong type, raises SideError.
"""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from typing import Any, Self

Work = Callable[..., Coroutine[Any, Any, Any]]


class SideError(TypeError):
    """Raised when a part of a declaration is unknown, is missing or has the wrong type."""


class Declaration:
    """Base of both kinds: parts are passed by name, and the error for an unknown name suggests the nearest one."""

    __slots__ = ()

    def __new__(cls, *unnamed: Any, **parts: Any) -> Self:
        """Check the names of the parts; raises SideError."""
        valid = [field.name for field in fields(cls)]  # type: ignore[arg-type]  # each kind is a dataclass
        if unnamed:
            raise SideError(f"{cls.__name__} takes its parts by name, as in {cls.__name__}({valid[0]}=…)")
        for name in parts:
            if name not in valid:
                nearest = get_close_matches(name, valid, n=1, cutoff=0.6)
                hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
                raise SideError(f"{cls.__name__} has no part {name!r}.{hint} Valid: {', '.join(valid)}.")
        for field in fields(cls):  # type: ignore[arg-type]
            if field.default is MISSING and field.name not in parts:
                raise SideError(f"{cls.__name__} needs the part {field.name!r}")
        return object.__new__(cls)

    def _check(self, *parts: str, fits: Callable[[Any], bool], wanted: str) -> None:
        for name in parts:
            value = getattr(self, name)
            if not fits(value):
                raise SideError(f"{type(self).__name__}({name}=…) must be {wanted}; got {value!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class AsyncioSide(Declaration):
    """The work as a coroutine."""

    run: Work
    """The coroutine function; called with what `resources` opened, if it is given, and the payload's keyword arguments.
    """
    resources: Callable[..., AbstractAsyncContextManager[Any]] | None = None
    """Opens what all requests share, such as a client or a pool.

    It may take `slots` (how many requests run at once; None: unbounded), and it takes what the workload's `resources()`
    returns.
    """
    ignores: tuple[str, ...] = ()
    """Arguments of the payload that `run` does not take, because they concern only the other side."""
    start: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]] = asyncio.create_task
    """In a scenario: starts the work."""
    stop: Callable[[asyncio.Task[Any]], object] | None = None
    """In a scenario: stops it."""
    requires: tuple[str, ...] = ()
    """Modules that only it needs, imported when `resources` opens; without them, it is not supported."""
    extra: str = ""
    """The extra of the workbench that installs these."""

    def __post_init__(self) -> None:
        self._check("run", fits=inspect.iscoroutinefunction, wanted="a coroutine function (async def)")
        self._check("resources", "stop", fits=_callable_or_none, wanted="callable")
        self._check("start", fits=callable, wanted="callable")
        self._check("ignores", "requires", fits=_are_names, wanted="a tuple of names")


@dataclass(frozen=True, kw_only=True, slots=True)
class CelerySide(Declaration):
    """The work as a Celery task, or as several: at most one of `canvas`, `request` and `beat_schedule` is given."""

    task: Any
    """The task (`celery.Task`) whose result is the reply; called with the payload's keyword arguments."""
    canvas: Callable[..., Any] | None = None
    """Called with the payload; returns the `celery.Signature` to apply. The result of its last task is the reply."""
    request: Work | None = None
    """Called with the payload; the caller's own code, which publishes tasks one by one, waits and revokes."""
    beat_schedule: Callable[..., dict[str, Any]] | None = None
    """Called with the payload; returns Celery's setting of that name, with which a `celery beat` is started."""
    ignores: tuple[str, ...] = ()
    """Arguments of the payload that none of these take, because they concern only the other side."""
    stop: Callable[[Any], object] | None = None
    """In a scenario: stops the work, given its `AsyncResult`."""
    lane: Callable[..., int] | None = None
    """Called with the payload; the number of the queue, from 0, in which its kind of job waits where there are several.
    """
    several: bool = False
    """Whether one task is executed more than once per request, because it is retried or replaces itself."""
    chords: bool = False
    """Whether it uses chords, for which the result backend must store results."""

    def __post_init__(self) -> None:
        self._check("canvas", "beat_schedule", "stop", "lane", fits=_callable_or_none, wanted="callable")
        self._check("request", fits=_coroutine_function_or_none, wanted="a coroutine function (async def)")
        self._check("ignores", fits=_are_names, wanted="a tuple of names")
        self._check("several", "chords", fits=lambda value: isinstance(value, bool), wanted="True or False")
        ways = [name for name in ("canvas", "request", "beat_schedule") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise SideError(f"CelerySide takes one of {' and '.join(ways)}: each says how a request is published")

    @property
    def is_one_task(self) -> bool:
        """Whether a request only publishes that task and waits for its result."""
        return self.canvas is None and self.request is None and self.beat_schedule is None


def _callable_or_none(value: Any) -> bool:
    return value is None or callable(value)


def _coroutine_function_or_none(value: Any) -> bool:
    return value is None or inspect.iscoroutinefunction(value)


def _are_names(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(name, str) for name in value)

"""Finds what a side declares: the `SIDE` of a module, or a job of the user's own; what is wrong is a UsageError."""

import importlib
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from importlib.util import find_spec
from types import ModuleType
from typing import Any, TypeVar

from harness import registry
from harness.errors import UsageError
from harness.jobs import registered
from harness.jobs.importing import OURS
from workloads.side import AsyncioSide, CelerySide, SideError

NAME = "SIDE"
Declared = TypeVar("Declared", AsyncioSide, CelerySide)
Function = TypeVar("Function", bound=Callable[..., Any])


def coroutine_module(workload: str) -> str:
    """Where a workload's coroutine is declared."""
    return f"asyncio_side.{workload}"


def task_module(workload: str) -> str:
    """Where a workload's task is declared."""
    return f"celery_side.tasks.{workload}"


JOB = "job"
"""Begins `job:SIDE:NAME`, by which a fork server prepares a job of the user's own."""


def source(workload: str, side: str) -> str:
    """What a fork server prepares for that side: a module, or a job of the user's own."""
    if registered.find(workload) is not None:
        return f"{JOB}:{side}:{workload}"
    return coroutine_module(workload) if side == "asyncio" else task_module(workload)


def prepare(what: str) -> None:
    """Import what `source` has named, and all that it needs; raises UsageError."""
    kind, _, name = what.rpartition(":")
    if not kind:
        importlib.import_module(what)
        return
    from harness.jobs.workload import job_payloads

    celery_side(name) if kind == f"{JOB}:celery" else asyncio_side(name)
    job_payloads(name)


def lacks(workload: str, side: str) -> str | None:
    """Why that work cannot run on that side: what it needs is not installed, or a job of the user's own has no such."""
    job = registered.find(workload)
    if job is None:
        definition = registry.load("workload", workload)
        return without(definition.requires, install(definition.extra))
    if side == "asyncio" and job.facts.coroutine is None:
        return f"{workload} has no coroutine"
    if side == "celery" and job.facts.task is None:
        return f"{workload} has no task; its coroutine can run in Celery on celery-asyncio"
    return None


def asyncio_side(workload: str) -> AsyncioSide:
    """What the asyncio side declares of that workload; raises UsageError."""
    if registered.find(workload) is not None:
        from harness.jobs.loading import asyncio_side as of_job
        from harness.jobs.loading import loaded

        return of_job(loaded(workload))
    return declared(coroutine_module(workload), AsyncioSide)


def coroutine_cannot(workload: str) -> str | None:
    """Why its coroutine cannot run here; None if it can. Raises UsageError if its side is declared wrongly."""
    if (reason := lacks(workload, "asyncio")) is not None or registered.find(workload) is not None:
        return reason
    if (reason := not_importable(lambda: asyncio_side(workload))) is not None:
        return reason
    side = asyncio_side(workload)
    return without(side.requires, install(side.extra))


def not_importable(side: Callable[[], object]) -> str | None:
    """What a side imports that is not installed here; None if all is. Raises ImportError for the workbench's own."""
    try:
        side()
    except ImportError as error:
        if (error.name or "").partition(".")[0] in OURS:
            raise
        return f"it imports what is not installed: {str(error).partition(chr(10))[0]}"
    return None


def absent(modules: Iterable[str]) -> list[str]:
    """Those that are not installed."""
    return [name for name in modules if find_spec(name) is None]


def without(modules: Iterable[str], command: str) -> str | None:
    """Which of these are not installed, and the command that installs them; None if all are."""
    missing = absent(modules)
    return f"{' and '.join(missing)} not installed: {command}" if missing else None


def install(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'celery-or-asyncio-workbench[{extra}]'"


def celery_side(workload: str) -> CelerySide:
    """What the Celery side declares of that workload; raises UsageError. Imports Celery."""
    if registered.find(workload) is not None:
        from harness.contenders.celery.own.finding import own_task

        return own_task(workload).side
    side = declared(task_module(workload), CelerySide)
    from celery import Task

    if not isinstance(side.task, Task):
        raise UsageError(f"{task_module(workload)}: CelerySide(task=…) must be a Celery task; got {side.task!r}")
    return side


def declared(module_name: str, kind: type[Declared]) -> Declared:
    """The `SIDE` of that module; raises UsageError if there is none, or not one of that kind."""
    try:
        module = importlib.import_module(module_name)
    except SideError as error:
        raise UsageError(f"{module_name}: {error}") from error
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        raise UsageError(f"there is no module {module_name}, which declares a workload's {NAME}") from error
    if NAME not in vars(module):
        raise UsageError(f"{module_name} declares no {NAME} = {kind.__name__}(…).{_nearest(module)}")
    side = vars(module)[NAME]
    if not isinstance(side, kind):
        raise UsageError(f"{module_name}: {NAME} must be an instance of {kind.__name__}; got {side!r}")
    return side


def ignoring(call: Function, names: tuple[str, ...]) -> Function:
    """The same without those keyword arguments; `call` itself where there are none."""
    if not names:
        return call

    def without(*shared: Any, **payload: Any) -> Any:
        for name in names:
            payload.pop(name, None)
        return call(*shared, **payload)

    return without  # type: ignore[return-value]  # called as `call` is


def _nearest(module: ModuleType) -> str:
    names = {name.upper(): name for name in vars(module) if not name.startswith("_")}
    found = get_close_matches(NAME, names, n=1, cutoff=0.6)
    return f" Did you mean {names[found[0]]!r}?" if found else ""

"""From where a job is to the job itself: imported in the process that needs it, once, with what it reaches."""

import functools
import importlib
import inspect
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.errors import UsageError
from harness.jobs import registered
from harness.jobs.calling import spread, spreads
from harness.jobs.importing import explained, module_named, module_of_file, object_at, place_of, reach, shown
from harness.jobs.network import only_loopback
from harness.jobs.spec import JobSpec
from workloads.job import Job
from workloads.side import AsyncioSide, SideError, Work

NAME = "JOB"
EXAMPLE = (
    "    from workloads.job import Job\n"
    '    JOB = Job(coroutine="shop.client:fetch", task="shop.tasks:fetch_task", payloads="urls.jsonl")'
)
MUST_BE = "The coroutine must be a coroutine function (async def)."
NOT_RESOURCES = {
    "an async generator": inspect.isasyncgenfunction,
    "a generator": inspect.isgeneratorfunction,
    "an async def": inspect.iscoroutinefunction,
}
DJANGO = "DJANGO_SETTINGS_MODULE"


@cache
def loaded(name: str) -> Job:
    """The job of that name in this run; raises UsageError."""
    return load(registered.get(name).spec)


def load(spec: JobSpec) -> Job:
    """The job of that place, imported; raises UsageError."""
    reach(spec.path)
    if not spec.allow_remote:
        only_loopback()
    os.environ.update(spec.env)
    _set_up_django()
    if not spec.declared:
        return _made(spec.parts)
    if spec.declared.endswith(".py"):
        return _job_in(module_of_file(Path(spec.declared), spec.given), spec.given)
    module_name, colon, name = spec.declared.partition(":")
    if not colon:
        return _job_in(module_named(module_name, spec.given), spec.given)
    typed = spec.given.removesuffix(f" {spec.declared}")
    job = object_at(f"{module_name}:{name}", f"{spec.given}:" if typed == spec.given else typed)
    if not isinstance(job, Job):
        got = f"the function {name}" if callable(job) else repr(job)
        raise UsageError(f"{spec.given}: expected a Job(…); got {got}. For example, in a file my_job.py:\n{EXAMPLE}")
    return job


def _made(parts: dict[str, Any]) -> Job:
    try:
        return Job(**parts)
    except SideError as error:
        raise UsageError(str(error)) from error


def _job_in(module: ModuleType, given: str) -> Job:
    """Its `JOB`, else its only job."""
    jobs = {name: value for name, value in vars(module).items() if isinstance(value, Job)}
    if NAME in jobs:
        return jobs[NAME]
    if NAME in vars(module):
        where = shown(module.__file__ or module.__name__)
        raise UsageError(
            f"{given}: {where}: {NAME} must be a Job(…); got {vars(module)[NAME]!r:.200}. For example:\n{EXAMPLE}"
        )
    different = list({id(job): job for job in jobs.values()}.values())
    if len(different) == 1:
        return different[0]
    where = shown(module.__file__ or module.__name__)
    if jobs:
        names = " or ".join(f"{module.__name__}:{name}" for name in jobs)
        raise UsageError(f"{given}: {where} declares several jobs. Name one: {names}.")
    raise UsageError(f"{given}: {where} declares no job. Add to it:\n{EXAMPLE}")


def _set_up_django() -> None:
    """As `manage.py` and Celery's workers do, before anything that may import models."""
    settings = os.environ.get(DJANGO)
    if not settings:
        return
    with explained(f"{DJANGO}={settings}"):
        try:
            django = importlib.import_module("django")
        except ModuleNotFoundError:  # the variable is another program's
            return
        django.setup()


def asyncio_side(job: Job) -> AsyncioSide:
    """What its coroutine amounts to, called with arguments by name; raises UsageError."""
    declared = object_at(job.coroutine, "the coroutine") if isinstance(job.coroutine, str) else job.coroutine
    side = (
        declared if isinstance(declared, AsyncioSide) else AsyncioSide(run=_work(declared), resources=_resources(job))
    )
    signature = work_arguments(side)
    return replace(side, run=spread(side.run, signature)) if spreads(signature) else side


def _resources(job: Job) -> Any:
    resources: Any = job.resources
    if isinstance(resources, str):
        resources = object_at(resources, "the resources")
    for kind, is_one in NOT_RESOURCES.items():
        if is_one(resources):
            raise UsageError(
                f"{_place(resources)}{resources.__name__} is {kind}. What opens the resources must be an async context "
                "manager: an async generator with @contextlib.asynccontextmanager before it."
            )
    return resources


def check_function(job: Job) -> Callable[[Any, Any], Any] | None:
    """The job's own check; raises UsageError if it cannot be called with a payload and a reply."""
    check: Any = object_at(job.check, "the check") if isinstance(job.check, str) else job.check
    if check is None:
        return None
    if not callable(check):
        raise UsageError(f"the check must be a function of the payload and the reply; got {check!r:.200}.")
    try:
        signature = inspect.signature(check)
    except ValueError:  # a function of C's, whose arguments nobody knows
        return check  # type: ignore[no-any-return]
    try:
        signature.bind({}, None)
    except TypeError as error:
        raise UsageError(
            f"{_place(check)}the check is called with the payload and the reply: {error}.\n    it takes  {signature}"
        ) from error
    if inspect.iscoroutinefunction(check):
        raise UsageError(f"{_place(check)}the check {check.__name__} is an async def; it must be a plain def.")
    return check  # type: ignore[no-any-return]


def _work(found: Any) -> Work:
    """A coroutine function, or what is called like one; raises UsageError."""
    if inspect.isclass(found):
        raise UsageError(f"{_place(found)}{found.__name__} is a class.\n{MUST_BE}")
    if not inspect.iscoroutinefunction(found):
        return _like_one(found)
    if inspect.isfunction(found) and "." in found.__qualname__.rpartition("<locals>.")[2]:
        first = next(iter(inspect.signature(found).parameters), "")
        if first in ("self", "cls"):
            owner = found.__qualname__.rpartition(".")[0]
            raise UsageError(
                f"{_place(found)}{found.__qualname__} is a method, and needs an instance of {owner}. Make one in that "
                f"module, such as client = {owner}(), and name client.{found.__name__}."
            )
    return found  # type: ignore[no-any-return]


def _like_one(found: Any) -> Work:
    """An object that is called like a coroutine function, or a function around one; raises UsageError."""
    if callable(found) and not inspect.isroutine(found) and inspect.iscoroutinefunction(found.__call__):
        return found.__call__  # type: ignore[no-any-return]
    if not (callable(found) and inspect.iscoroutinefunction(inspect.unwrap(found))):
        raise UsageError(_no_coroutine(found))

    @functools.wraps(found)
    async def work(*arguments: Any, **named: Any) -> Any:
        return await found(*arguments, **named)

    return work


def _place(found: Any) -> str:
    place = place_of(found)
    return f"{place.file}, line {place.line}: " if place.file else f"{place.name}: "


def _no_coroutine(found: Any) -> str:
    """Why that is none."""
    if not inspect.isroutine(found) or not hasattr(found, "__code__"):
        return f"the coroutine must be a coroutine function (async def); got {found!r}."
    kind = "an async generator, which has no reply" if inspect.isasyncgenfunction(found) else "a plain def"
    return f"{_place(found)}{found.__name__} is {kind}.\n{MUST_BE}"


def work_arguments(side: AsyncioSide) -> inspect.Signature:
    """What the coroutine function takes beside what its resources open."""
    signature = inspect.signature(side.run)
    if side.resources is None:
        return signature
    return signature.replace(parameters=list(signature.parameters.values())[1:])

"""From where a job is to the job itself: imported in the process that needs it, once, with what it reaches."""

import importlib
import inspect
import os
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.errors import UsageError
from harness.jobs import registered
from harness.jobs.importing import explained, module_named, module_of_file, object_at, place_of, reach, shown
from harness.jobs.network import only_loopback
from harness.jobs.spec import JobSpec
from workloads.job import Job
from workloads.side import AsyncioSide, SideError

NAME = "JOB"
EXAMPLE = (
    "    from workloads.job import Job\n"
    '    JOB = Job(coroutine="shop.client:fetch", task="shop.tasks:fetch_task", payloads="urls.jsonl")'
)
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
    job = object_at(f"{module_name}:{name}", "the job")
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
    """What its coroutine amounts to; raises UsageError."""
    declared = object_at(job.coroutine, "the coroutine") if isinstance(job.coroutine, str) else job.coroutine
    if isinstance(declared, AsyncioSide):
        return declared
    if not inspect.iscoroutinefunction(declared):
        raise UsageError(_no_coroutine(declared))
    resources: Any = job.resources
    if isinstance(resources, str):
        resources = object_at(resources, "the resources")
    return AsyncioSide(run=declared, resources=resources)


def _no_coroutine(found: Any) -> str:
    """Why that is none."""
    if not inspect.isfunction(found):
        return f"the coroutine must be a coroutine function (async def); got {found!r}."
    place = place_of(found)
    kind = "an async generator, which has no reply" if inspect.isasyncgenfunction(found) else "a plain def"
    return (
        f"{place.file}, line {place.line}: {found.__name__} is {kind}.\n"
        "The coroutine must be a coroutine function (async def)."
    )


def work_arguments(side: AsyncioSide) -> inspect.Signature:
    """What the coroutine function takes beside what its resources open."""
    signature = inspect.signature(side.run)
    if side.resources is None:
        return signature
    return signature.replace(parameters=list(signature.parameters.values())[1:])

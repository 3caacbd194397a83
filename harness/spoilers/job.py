"""A job's functions on both sides, and what their sources show."""

from collections.abc import Sequence
from typing import Any

from harness import registry
from harness.contenders.sides.declaration import asyncio_side, celery_side
from harness.jobs import registered
from harness.jobs.importing import place_of
from harness.jobs.spec import Place
from harness.results.model import Function, Side, Spoiler
from harness.spoilers.rules.small_pool import small
from harness.spoilers.source import Source, source_at
from workloads.workload import Services


def functions_of(workload: str) -> list[Function]:
    """Both functions of a workload, with their places; a job of the user's own is not imported for it."""
    job = registered.find(workload)
    if job is not None:
        coroutine, task, options = job.facts.coroutine, job.facts.task, job.facts.task_options
    else:
        side = celery_side(workload).task
        coroutine, options = place_of(asyncio_side(workload).run), {}
        task = place_of(side.run, f"{side.run.__module__}:{side.run.__name__}")
    found = [Function(side="asyncio", name=coroutine.name, place=_shown(coroutine))] if coroutine is not None else []
    if task is not None:
        found.append(Function(side="celery", name=task.name, place=_shown(task), options=options))
    return found


def _shown(place: Place) -> str:
    return f"{place.file}:{place.line}" if place.file else ""


def declared_limits(workload: str, params: dict[str, Any], slots: int) -> list[Spoiler]:
    """Where a workload says itself that it lets fewer requests through at once than there are slots."""
    definition = registry.load("workload", workload)
    work = definition(definition.Params(**params), Services(), 0)
    sides: tuple[Side, ...] = ("asyncio", "celery")
    limits = {side: work.at_once(side, slots) for side in sides}
    return [
        small(side, f"{workload}: {places.name}", places.number, slots)
        for side, places in limits.items()
        if places is not None and places.number < slots
    ]


def sources_of(functions: Sequence[Function]) -> list[Source]:
    """The sources of these functions, as far as they can be read."""
    sources = [source_at(function.side, function.place, function.name) for function in functions if function.place]
    return [source for source in sources if source is not None]

"""Every workload stands on both sides, under the same name, and each side takes the payload's arguments."""

import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

import asyncio_side
import celery_side.tasks
from harness import registry
from harness.contenders.sides.declaration import asyncio_side as declared_coroutine
from harness.contenders.sides.declaration import celery_side as declared_task
from harness.contenders.sides.opening import check_arguments
from workloads.workload import Payload, Services

WORKLOADS = registry.names("workload")
SHARED = ["http", "write_ahead"]
"""What workloads of the asyncio side share; the Celery side has such modules beside `tasks`."""
SERVICES = Services(origin_url="http://127.0.0.1:1", postgres_schema="s")


def listed(package: Any) -> list[str]:
    """Modules of a package."""
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def payload_of(name: str) -> Payload:
    """The first payload of a workload with its default settings."""
    definition = registry.load("workload", name)
    payload: Payload = definition(definition.Params(), SERVICES, 1).payload(0)
    return payload


def arguments(function: Callable[..., Any], *, shared: bool = False) -> tuple[set[str], set[str]]:
    """The arguments that a function needs, and all that it takes; without the first where that is what is shared."""
    parameters = list(inspect.signature(function).parameters.values())[int(shared) :]
    needed = {parameter.name for parameter in parameters if parameter.default is parameter.empty}
    return needed, {parameter.name for parameter in parameters}


def test_the_three_listings_are_the_same() -> None:
    """Definition, coroutine and task: one file each."""
    assert listed(asyncio_side) == sorted([*WORKLOADS, *SHARED])
    assert listed(celery_side.tasks) == WORKLOADS


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_coroutine_takes_the_payload(name: str) -> None:
    """All of it but what it ignores; what is shared between requests comes first."""
    side = declared_coroutine(name)
    payload = set(payload_of(name))
    needed, taken = arguments(side.run, shared=side.resources is not None)
    assert set(side.ignores) <= payload
    assert needed <= payload - set(side.ignores) <= taken


@pytest.mark.parametrize("name", WORKLOADS)
def test_resources_take_what_the_workload_sets(name: str) -> None:
    """And nothing else but the slots."""
    definition = registry.load("workload", name)
    given = {"slots": None, **definition(definition.Params(), SERVICES, 1).resources()}
    resources = declared_coroutine(name).resources
    check_arguments(set() if resources is None else inspect.signature(resources).parameters.keys(), given, name)


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_task_takes_the_payload(name: str) -> None:
    """Or the canvas, the caller or the beat's schedule does: all of it but what the side ignores."""
    side = declared_task(name)
    payload = set(payload_of(name))
    called = side.canvas or side.request or side.beat_schedule or side.task.run
    needed, taken = arguments(called)
    assert set(side.ignores) <= payload
    assert needed <= payload - set(side.ignores) <= taken


@pytest.mark.parametrize("name", WORKLOADS)
def test_no_argument_is_ignored_by_both_sides(name: str) -> None:
    """What nobody takes, not even who chooses a queue by it, would be a setting without effect."""
    side = declared_task(name)
    _, by_lane = arguments(side.lane) if side.lane is not None else (set(), set())
    assert not set(declared_coroutine(name).ignores) & set(side.ignores) - by_lane


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_task_has_the_workloads_name(name: str) -> None:
    """As its file does."""
    assert declared_task(name).task.name == name


@pytest.mark.parametrize("name", WORKLOADS)
def test_payloads_are_the_same_for_the_same_seed(name: str) -> None:
    """Whoever makes them."""
    definition = registry.load("workload", name)
    one, other = (definition(definition.Params(), SERVICES, 7) for _ in range(2))
    assert [one.payload(n) for n in range(20)] == [other.payload(n) for n in range(20)]

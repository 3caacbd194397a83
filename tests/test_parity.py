"""Every workload stands on both sides, under the same name, with the same arguments."""

import importlib
import inspect
import pkgutil

import pytest

import asyncio_side
import celery_side.tasks
from harness import registry
from workloads.workload import Services

WORKLOADS = registry.names("workload")
SERVICES = Services(origin_url="http://127.0.0.1:1", postgres_schema="s")


def listed(package: object) -> list[str]:
    """Modules of a package."""
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))  # type: ignore[attr-defined]


def test_the_three_listings_are_the_same() -> None:
    """Definition, coroutine and task: one file each."""
    assert listed(asyncio_side) == WORKLOADS
    assert listed(celery_side.tasks) == WORKLOADS


@pytest.mark.parametrize("name", WORKLOADS)
def test_both_sides_take_the_payloads_arguments(name: str) -> None:
    """A payload is the keyword arguments of both implementations; what is shared between requests comes first."""
    definition = registry.load("workload", name)
    payload = definition(definition.Params(), SERVICES, 1).payload(0)
    module = importlib.import_module(f"asyncio_side.{name}")
    coroutine = getattr(module, name)
    tasks = importlib.import_module(f"celery_side.tasks.{name}")
    task = getattr(tasks, name)
    assert inspect.iscoroutinefunction(coroutine)
    own = list(inspect.signature(coroutine).parameters.values())[1 if hasattr(module, "resources") else 0 :]
    needed = [parameter.name for parameter in own if parameter.default is parameter.empty]
    assert needed == list(payload)
    composed = [getattr(tasks, other, None) for other in ("signature", "request", "beat_schedule")]
    called = next(filter(None, composed), task.run)
    given = [parameter for parameter in inspect.signature(called).parameters if parameter != "caller"]
    assert given == [parameter.name for parameter in own]
    assert task.name == name


@pytest.mark.parametrize("name", WORKLOADS)
def test_payloads_are_the_same_for_the_same_seed(name: str) -> None:
    """Whoever makes them."""
    definition = registry.load("workload", name)
    one, other = (definition(definition.Params(), SERVICES, 7) for _ in range(2))
    assert [one.payload(n) for n in range(20)] == [other.payload(n) for n in range(20)]

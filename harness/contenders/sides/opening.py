"""Opens what a coroutine shares between requests, such as an HTTP session, and gives the function to call."""

import inspect
from collections.abc import AsyncIterator, Iterable, Mapping, Set
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from harness.contenders.sides.declaration import coroutine_module, ignoring
from harness.errors import UsageError, unknown
from workloads.side import AsyncioSide, Work


@asynccontextmanager
async def opened(
    side: AsyncioSide, workload: str, slots: int | None, resources: Mapping[str, Any]
) -> AsyncIterator[Work]:
    """The coroutine function, called with the payload alone. `resources`: those that the workload sets.

    Raises UsageError where the side does not take them.
    """
    work = ignoring(side.run, side.ignores)
    given = {"slots": slots, **resources}
    module = coroutine_module(workload)
    if side.resources is None:
        check_arguments(set(), given, module)
        yield work
        return
    taken = inspect.signature(side.resources).parameters.keys()
    check_arguments(taken, given, module)
    async with side.resources(**{name: given[name] for name in taken}) as shared:
        yield partial(work, shared)


def check_arguments(taken: Set[str], given: Iterable[str], module: str) -> None:
    """Raise UsageError if the parameters of `resources` are not those that the workload sets, and `slots`."""
    where = f"the resources of {module}"
    for name in taken:
        if name not in given:
            raise unknown("argument", name, where, given)
    for name in given:
        if name not in taken and name != "slots":
            raise UsageError(f"{where} must take {name!r}, which the workload sets; they take {sorted(taken)}")

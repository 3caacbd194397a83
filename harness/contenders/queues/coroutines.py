"""The coroutines of a worker process: what they share, what they reply, and which requests have been executed."""

import asyncio
import json
import platform
from array import array
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from time import monotonic_ns
from typing import Any

from harness import registry
from harness.contenders.contender import attempt
from harness.contenders.queues.messages import Answer, Place, Question, Ran
from harness.contenders.sides.declaration import asyncio_side
from harness.contenders.sides.opening import opened
from harness.jobs import registered
from harness.jobs.differences import plain
from harness.machine.usage import as_json, boot_id, read_tree
from workloads.side import Work
from workloads.workload import Payload


class Coroutines:
    """Runs them in this process's event loop; how many at once is the queue's matter."""

    def __init__(self, place: Place, shared: AsyncExitStack) -> None:
        """`shared` closes at the end what the coroutines share."""
        self._slots = place.slots
        self._shared = shared
        self._sides = {name: asyncio_side(name) for name in place.tasks or registry.names("workload")}
        self._work: dict[str, Work] = {}
        self._opening = asyncio.Lock()
        self._executed: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
        self._total = 0
        self._where = platform.node(), boot_id()

    @property
    def workloads(self) -> list[str]:
        """Those whose coroutines it runs."""
        return list(self._sides)

    async def run(self, workload: str, task_id: str, payload: Payload, resources: dict[str, Any]) -> Ran:
        """What comes of a request; raises KeyError for an unknown workload. `task_id`: `TRIAL.NUMBER`."""
        work = await self._work_of(workload, resources)
        self._note(task_id)
        began_ns = monotonic_ns()
        reply, error = await attempt(work(**payload))
        return Ran(reply, error, began_ns, monotonic_ns(), *self._where)

    def task_of(self, workload: str) -> Callable[..., Coroutine[Any, Any, Ran]]:
        """That workload's coroutine, as a queue's task."""

        async def run(task_id: str, payload: Payload, resources: dict[str, Any]) -> Ran:
            return await self.run(workload, task_id, payload, resources)

        return run

    async def _work_of(self, workload: str, resources: dict[str, Any]) -> Work:
        """The coroutine function with what it shares, which the first request opens; only of known workloads."""
        key = f"{workload} {json.dumps(resources, sort_keys=True)}" if resources else workload
        if key not in self._work:
            async with self._opening:
                if key not in self._work:
                    self._work[key] = await self._open(workload, resources)
        return self._work[key]

    async def _open(self, workload: str, resources: dict[str, Any]) -> Work:
        opening = opened(self._sides[workload], workload, self._slots, resources)
        work = await self._shared.enter_async_context(opening)
        return work if registered.find(workload) is None else _plainly(work)

    def _note(self, task_id: str) -> None:
        trial, _, number = task_id.partition(".")
        self._executed[int(trial)].append(int(number))
        self._total += 1

    def answer(self, question: Question) -> Answer:
        """What the run asks."""
        usage = as_json(read_tree(memory=question.memory, count=self._total)) if question.usage else None
        executed: list[int] = []
        if question.executed is not None:
            executed = self._executed.pop(question.executed, array("q")).tolist()
            self._executed.clear()
        return Answer(usage=usage, executed=executed, python=platform.python_version())


def _plainly(work: Work) -> Work:
    """A coroutine of the user's own, whose replies arrive as they are compared."""

    async def reply(**payload: Any) -> Any:
        return plain(await work(**payload))

    return reply

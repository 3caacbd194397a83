"""Issues several requests at once, and waits for the end of several."""

import asyncio
from collections.abc import Iterable
from typing import Any

from harness.loads.load import Measuring


async def issue_now(
    trial: Measuring, count: int, due_ns: int | None = None, at_a_time: int = 1
) -> list[asyncio.Task[int]]:
    """Issue `count` requests one after the other, due now or at `due_ns`; returns once the last has been submitted.

    The loop comes round after each, or after `at_a_time`, so that replies are taken meanwhile; it ends early where the
    trial does.
    """
    issuer = trial.issuer
    tasks = []
    for number in range(1, count + 1):
        if not issuer.accepting:
            break
        tasks.append(asyncio.create_task(issuer.issue(issuer.clock.now() if due_ns is None else due_ns)))
        if number % at_a_time == 0 or number == count:
            await asyncio.sleep(0)
    return tasks


async def all_ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Wait for the end of all; one that was cancelled before it began (the trial was aborted) is no error."""
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result

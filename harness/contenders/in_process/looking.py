"""The coroutine of a job of the user's own, looked at and called before a run, in a child process of its own."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from harness.errors import UsageError
from harness.jobs.calling import by_position, check_fits
from harness.jobs.importing import explained, place_and_reason, place_of
from harness.jobs.loading import asyncio_side, check_function, load, work_arguments
from harness.jobs.looking import CALLS_MOST_S, PAYLOADS_LOOKED_AT, answer, as_called, hosts_in
from harness.jobs.payloads import Payloads
from harness.jobs.spec import Called, Facts, JobSpec, Looked
from harness.jobs.workload import base_of, job_name
from workloads.side import AsyncioSide

SHARED = "\nIf that is what all requests share, such as a client: Job(resources=…) opens it, and is declared in a file."
CALL_S = 30.0
END_S = 5.0
"""For what the coroutine has started to end, once it is cancelled."""


def look(spec: JobSpec, calls: int) -> Looked:
    """What the coroutine's side has; raises UsageError."""
    job = load(spec)
    if job.coroutine is None:
        return Looked()
    check_function(job)
    side = asyncio_side(job)
    signature = work_arguments(side)
    payloads = Payloads(job, by_position(signature), base_of(spec.declared))
    several = [payloads.of(number) for number in range(min(PAYLOADS_LOOKED_AT, payloads.count or 1))]
    place = place_of(side.run)
    for number, payload in enumerate(several):
        taken = {name: value for name, value in payload.items() if name not in side.ignores}
        check_fits(signature, taken, place.shown, f"payload {number}", SHARED if side.resources is None else "")
    facts = Facts(
        name=job_name(spec, job),
        coroutine=place,
        arguments=by_position(signature),
        payloads=payloads.count,
        first=several[0],
        hosts=hosts_in(several),
        rate=None if job.rate is None else str(job.rate),
        ideal_s=job.ideal_s,
        ignore=list(job.ignore),
    )
    return Looked(facts=facts, called=_in_a_loop(_called(side, payloads, calls)) if calls else [])


def _in_a_loop(calls: Coroutine[Any, Any, list[Called]]) -> list[Called]:
    """As `asyncio.run`, which would wait for ever for tasks that do not end; raises UsageError for those."""
    loop = asyncio.new_event_loop()
    called = loop.run_until_complete(calls)
    if left := loop.run_until_complete(_not_ended()):
        names = ", ".join(dict.fromkeys(str(getattr(task.get_coro(), "__qualname__", task)) for task in left))
        raise UsageError(
            f"the coroutine starts tasks that do not end when they are cancelled: {names}. Let them pass "
            "asyncio.CancelledError on, or nothing that runs them can end."
        )
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    return called


async def _not_ended() -> set[asyncio.Task[Any]]:
    """Cancels what still runs; returns what runs all the same."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    return (await asyncio.wait(tasks, timeout=END_S))[1] if tasks else set()


async def _called(side: AsyncioSide, payloads: Payloads, calls: int) -> list[Called]:
    """The first payloads, one after the other."""
    called: list[Called] = []
    begun = monotonic()
    where = "" if side.resources is None else f", {place_of(side.resources).shown}"
    with explained(f"the resources of the coroutine{where}"):
        async with _shared(side) as shared:
            for number in range(min(calls, payloads.count or calls)):
                called.append(await _call(side, shared, payloads.of(number), number))
                if monotonic() - begun > CALLS_MOST_S:
                    break
    return called


@asynccontextmanager
async def _shared(side: AsyncioSide) -> AsyncIterator[list[Any]]:
    """What its resources open, as leading arguments."""
    if side.resources is None:
        yield []
        return
    slots = {"slots": 1} if "slots" in inspect.signature(side.resources).parameters else {}
    async with side.resources(**slots) as opened:
        yield [opened]


async def _call(side: AsyncioSide, shared: list[Any], payload: dict[str, Any], number: int) -> Called:
    arguments = {name: value for name, value in payload.items() if name not in side.ignores}
    start = monotonic()
    task = asyncio.ensure_future(side.run(*shared, **arguments))
    await asyncio.wait({task}, timeout=CALL_S)
    took_s = monotonic() - start
    if not task.done():
        task.cancel()
        return Called(number=number, payload=payload, error=f"no reply within {CALL_S:g} s", took_s=took_s)
    error = None if task.cancelled() else task.exception()
    if task.cancelled() or error is not None:
        text = "it was cancelled" if error is None else place_and_reason(error)
        return Called(number=number, payload=payload, error=text, took_s=took_s)
    return as_called(number, payload, task.result(), took_s, place_of(side.run).shown)


if __name__ == "__main__":
    answer(look)

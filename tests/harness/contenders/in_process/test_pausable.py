"""The pause of every contender that executes in the driver: the fake's too, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harness.contenders.asyncio import Asyncio
from harness.contenders.contender import Driven, Outcome, Request
from harness.contenders.fake import FakeSide, echo
from harness.contenders.in_process.coroutines import InProcess, InSlots, in_process
from harness.machine.clock import VirtualLoop
from tests.builders import spec_of
from tests.running import in_virtual_time
from workloads.catalogue.sleep import Sleep, SleepParams
from workloads.side import AsyncioSide
from workloads.workload import Services

SERVICE_S, BATCH = 0.05, 6

Executed = list[float]
"""When each execution ended, in virtual seconds."""


def now() -> float:
    """Virtual seconds."""
    return asyncio.get_running_loop().time()


def fake_side(slots: int | None, executed: Executed) -> Driven:
    """The fake's, which notes its executions."""

    def serve(number: int, payload: Any) -> Any:
        executed.append(now())
        return echo(number, payload)

    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return FakeSide(loop, slots, SERVICE_S, serve)


def asyncio_side(slots: int | None, executed: Executed) -> Driven:
    """That of the asyncio contenders, with a coroutine that notes its executions."""

    async def work(seconds: float) -> float:
        await asyncio.sleep(seconds)
        executed.append(now())
        return seconds

    return in_process(AsyncioSide(run=work), slots)


SIDES = [fake_side, asyncio_side]

Side = Callable[[int | None, Executed], Driven]


def submitted(side: Driven, first: int = 0) -> list[asyncio.Task[Outcome]]:
    """A batch under way."""
    batch = range(first, first + BATCH)
    return [asyncio.create_task(_submit(side, Request(number, {"seconds": SERVICE_S}))) for number in batch]


async def _submit(side: Driven, request: Request) -> Outcome:
    return await side.submit(request)


def running(side: Side, slots: int | None, main: Callable[[Driven, Executed], Awaitable[None]]) -> None:
    """Run `main` with that side, in virtual time."""

    async def whole() -> None:
        executed: Executed = []
        await main(side(slots, executed), executed)

    in_virtual_time(whole())


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("slots", "waves"), [(None, 1), (2, 3)])
def test_nothing_executes_between_pause_and_resume_and_everything_after(
    side: Side, slots: int | None, waves: int
) -> None:
    """An hour of pause; then the whole batch, in as many waves as the slots need."""

    async def main(driven: Driven, executed: Executed) -> None:
        await driven.pause()
        tasks = submitted(driven)
        await asyncio.sleep(3600.0)
        assert executed == []
        resumed = now()
        await driven.resume()
        outcomes = await asyncio.gather(*tasks)
        assert [outcome.reply for outcome in outcomes] == [SERVICE_S] * BATCH
        assert len(executed) == BATCH
        assert min(executed) - resumed == pytest.approx(SERVICE_S)
        assert max(executed) - resumed == pytest.approx(waves * SERVICE_S)

    running(side, slots, main)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("slots", [None, 2])
def test_a_side_may_be_paused_again(side: Side, slots: int | None) -> None:
    """What was let pass is through; what comes after the second pause waits."""

    async def main(driven: Driven, executed: Executed) -> None:
        await driven.pause()
        first = submitted(driven)
        await asyncio.sleep(1.0)
        await driven.resume()
        await asyncio.gather(*first)
        await driven.pause()
        second = submitted(driven, BATCH)
        await asyncio.sleep(1.0)
        assert len(executed) == BATCH
        await driven.resume()
        await asyncio.gather(*second)
        assert len(executed) == 2 * BATCH

    running(side, slots, main)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("slots", [None, 2])
def test_what_waits_is_held_where_the_pause_comes_back_at_once(side: Side, slots: int | None) -> None:
    """Before any of it could run."""

    async def main(driven: Driven, executed: Executed) -> None:
        await driven.pause()
        tasks = submitted(driven)
        await asyncio.sleep(1.0)
        await driven.resume()
        await driven.pause()
        await asyncio.sleep(1.0)
        assert executed == []
        await driven.resume()
        await asyncio.gather(*tasks)

    running(side, slots, main)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("slots", [None, 2])
def test_without_a_pause_nothing_waits(side: Side, slots: int | None) -> None:
    """Nor after one that has ended, nor after resuming what was not paused."""

    async def main(driven: Driven, executed: Executed) -> None:
        await driven.resume()
        await driven.pause()
        await driven.resume()
        await driven.resume()
        began = now()
        await asyncio.gather(*submitted(driven))
        assert min(executed) - began == pytest.approx(SERVICE_S)

    running(side, slots, main)


def test_the_wait_at_the_gate_is_queue_wait_and_no_publishing() -> None:
    """The fake stamps the end of publishing when it was submitted, and the execution once resumed."""

    async def main(driven: Driven, executed: Executed) -> None:
        await driven.pause()
        tasks = submitted(driven)
        await asyncio.sleep(2.0)
        await driven.resume()
        for outcome in await asyncio.gather(*tasks):
            assert outcome.publish_end_ns == 0
            assert outcome.exec_start_ns >= 2_000_000_000
            assert outcome.exec_end_ns - outcome.exec_start_ns == 50_000_000

    running(fake_side, 2, main)


@pytest.mark.parametrize("slots", [None, 3])
def test_the_asyncio_contender_pauses_its_real_work(tmp_path: Any, slots: int | None) -> None:
    """As it is opened for a trial: the coroutine of `sleep`, with slots and without."""

    async def main() -> None:
        spec = spec_of(tmp_path / "spool", slots=slots)
        workload = Sleep(SleepParams(), Services(), 1)
        async with Asyncio().open(spec.assignment, workload) as driven:
            await driven.pause()
            tasks = submitted(driven)
            await asyncio.sleep(3600.0)
            assert not any(task.done() for task in tasks)
            await driven.resume()
            outcomes = await asyncio.gather(*tasks)
        assert [(outcome.reply, outcome.error) for outcome in outcomes] == [(SERVICE_S, None)] * BATCH

    in_virtual_time(main())


COUNTED = 5


class Work:
    """Counts what was begun."""

    def __init__(self) -> None:
        self.begun = 0

    async def __call__(self, **payload: Any) -> int:
        """Reply with the count."""
        self.begun = mine = self.begun + 1
        await asyncio.sleep(0)
        return mine


@pytest.mark.parametrize("slots", [None, 2])
def test_the_end_of_publishing_is_the_moment_of_submission(slots: int | None) -> None:
    """However long what was submitted then waits at the gate; with slots and without."""
    work = Work()
    side = in_process(AsyncioSide(run=work.__call__), slots)
    assert isinstance(side, InProcess if slots is None else InSlots)

    async def main() -> tuple[int, list[Outcome]]:
        await side.pause()
        tasks = [asyncio.create_task(side.submit(Request(number, {}))) for number in range(COUNTED)]
        for _ in range(10):
            await asyncio.sleep(0)
        begun = work.begun
        await side.resume()
        return begun, await asyncio.gather(*tasks)

    begun, outcomes = asyncio.run(main())
    assert begun == 0
    assert work.begun == COUNTED
    assert sorted(outcome.reply for outcome in outcomes) == list(range(1, COUNTED + 1))
    assert all(0 < outcome.publish_end_ns <= outcome.exec_start_ns for outcome in outcomes)

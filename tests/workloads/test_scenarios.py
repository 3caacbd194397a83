"""What scenarios conclude from what they see: a context of their own in virtual time."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from harness import registry
from harness.machine.clock import NS, VirtualLoop
from workloads.catalogue.after_response import AfterResponse
from workloads.scenario import Ended, Stopped
from workloads.workload import Payload, Services


class Scripted:
    """A context in which `play` is what a job does; it may call `visit`, and return or raise Stopped."""

    id = "7.3"
    number = 0

    told_at = 0.0

    def __init__(self, loop: VirtualLoop, play: Callable[["Scripted"], Any]) -> None:
        self._loop = loop
        self._play = play
        self.stopped = asyncio.Event()
        self.seen: list[float] = []

    def now(self) -> float:
        """Of the virtual clock."""
        return self._loop.now_ns() / NS

    def visit(self) -> None:
        """The origin sees it now."""
        self.seen.append(self.now())

    def start(self, payload: Payload) -> "Scripted":
        """The job is this context."""
        self._task = asyncio.ensure_future(self._play(self))
        return self

    async def reply(self) -> Any:
        """What the play says."""
        return await self._task

    def stop(self) -> None:
        """The play sees it."""
        self.stopped.set()

    def accepted(self) -> None:
        """The caller has its response now."""
        self.told_at = self.now()

    async def visits(self, key: str, at_least: int = 0, within_s: float = 0.0) -> list[float]:
        """Looks again every millisecond."""
        assert key == self.id
        end = self.now() + within_s
        while len(self.seen) < at_least and self.now() < end:
            await asyncio.sleep(0.001)
        return list(self.seen)


def measured(workload: str, play: Callable[[Scripted], Any], **params: Any) -> dict[str, float]:
    """What the scenario measures of that play; its reply must pass its own check."""
    definition = registry.load("workload", workload)
    scenario = definition(definition.Params(**params), Services(origin_url="http://origin"), 1)
    payload = scenario.payload(0)

    async def main() -> dict[str, float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        reply = await scenario.run(Scripted(loop, play), payload)
        assert scenario.check(payload, reply) is None
        found: dict[str, float] = scenario.measure(payload, reply)
        return found

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


async def polls_until(context: Scripted, done: Callable[[], bool]) -> None:
    """Visits every 20 ms."""
    while not done():
        context.visit()
        await asyncio.sleep(0.02)


async def obeys(context: Scripted) -> None:
    """Stops 5 ms after it is told."""
    polling = asyncio.ensure_future(polls_until(context, context.stopped.is_set))
    await context.stopped.wait()
    await asyncio.sleep(0.005)
    polling.cancel()
    raise Stopped


async def only_says_so(context: Scripted) -> None:
    """Says that it has stopped, and goes on."""
    context.polling = asyncio.ensure_future(polls_until(context, lambda: False))  # type: ignore[attr-defined]
    await context.stopped.wait()
    raise Stopped


async def does_not_care(context: Scripted) -> int:
    """Runs to its end, and replies."""
    end = context.now() + 0.5
    await polls_until(context, lambda: context.now() >= end)
    return 25


async def waits(context: Scripted) -> None:
    """Never begins."""
    await context.stopped.wait()
    await asyncio.sleep(0.001)
    raise Stopped


@pytest.mark.parametrize(
    ("play", "key", "stop_ms", "ran_on"),
    [
        (obeys, "stop_running_ms", 5, 0),
        (only_says_so, "stop_running_ms", 0, 100),
        (does_not_care, "stop_running_ms", 300, 100),
        (waits, "stop_waiting_ms", 1, 0),
    ],
)
def test_cancel_believes_the_origin(play: Callable[[Scripted], Any], key: str, stop_ms: float, ran_on: float) -> None:
    """Not the side: work that says it has stopped, and goes on, ran on."""
    found = measured("cancel", play)
    assert found == {key: pytest.approx(stop_ms, abs=20 if play is does_not_care else 0.01), "ran_on_percent": ran_on}


@pytest.mark.parametrize(
    ("gaps_ms", "jitter_ms", "drift_percent", "missed"),
    [([100] * 4, 0, 0, 0), ([110] * 4, 10, 10, 0), ([90, 110, 90, 110], 10, 0, 0), ([100, 300, 100, 100], 50, 50, 2)],
)
def test_a_rhythm_in_figures(gaps_ms: list[float], jitter_ms: float, drift_percent: float, missed: int) -> None:
    """How far it is from the period between two, and over all; periods in which nothing came."""

    async def beats(context: Scripted) -> None:
        context.visit()
        for gap in gaps_ms:
            await asyncio.sleep(gap / 1000)
            context.visit()

    found = measured("periodic", beats, times=4)
    assert found == {
        "jitter_ms": pytest.approx(jitter_ms, abs=0.01),
        "drift_percent": pytest.approx(drift_percent, abs=0.01),
        "missed": missed,
    }


@pytest.mark.parametrize(("after_ms", "late_ms", "early"), [(103, 3, 0), (98, -2, 100)])
def test_what_comes_before_its_time_is_early(after_ms: float, late_ms: float, early: float) -> None:
    """Though it may be by little."""

    async def comes(context: Scripted) -> int:
        await asyncio.sleep(after_ms / 1000)
        return 0

    assert measured("delayed", comes) == {"late_ms": pytest.approx(late_ms, abs=0.01), "early_percent": early}


def test_what_is_started_twice_is_wrong() -> None:
    """It shall happen once."""

    async def twice(context: Scripted) -> None:
        context.visit()
        context.visit()

    with pytest.raises(AssertionError, match="it happened 2 times"):
        measured("fire_and_forget", twice)


async def ends_after_three(context: Scripted) -> str:
    """Visits three times, every 100 ms, and ends by itself."""
    for _ in range(3):
        context.visit()
        await asyncio.sleep(0.1)
    return "done"


async def is_killed(context: Scripted) -> None:
    """Visits once, and fails."""
    context.visit()
    await asyncio.sleep(0.1)
    raise ChildProcessError("celery beat has ended (killed by SIGKILL)")


def test_a_periodic_job_that_ends_by_itself_is_the_reason() -> None:
    """At once, not that too few runs came once the time was over."""
    with pytest.raises(Ended, match="the job ended by itself and replied 'done'"):
        measured("periodic", ends_after_three)
    with pytest.raises(ChildProcessError, match="celery beat has ended"):
        measured("periodic", is_killed)


def test_a_response_is_timed_without_work_and_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller has been told once it has its response, while the work goes on."""
    told = []

    async def answered(self: AfterResponse, method: str, path: str) -> None:
        if method == "POST":
            await asyncio.sleep(0.003)
            self._handlers[path.removeprefix("/")]()
        await asyncio.sleep(0.002)

    async def works(context: Scripted) -> None:
        await asyncio.sleep(0.02)
        context.visit()
        told.append(context.told_at)

    monkeypatch.setattr(AfterResponse, "_answered", answered)
    found = measured("after_response", works)
    assert found == {
        "plain_ms": pytest.approx(2, abs=0.1),
        "caller_ms": pytest.approx(5, abs=0.1),
        "done_ms": pytest.approx(23, abs=0.1),
    }
    assert told == [pytest.approx(0.007, abs=1e-4)]

"""One trial in its own process: verify one reply, warm up, measure, wait for every answer, account."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from harness import registry
from harness.contenders.contender import Contender, Driven, Request, contender_of
from harness.driver.loop_lag import LoopLagSampler
from harness.driver.messages import (
    Abort,
    BetweenParts,
    Link,
    LoadProgress,
    Ready,
    Recording,
    Running,
    StartLoad,
    TrialSpec,
    UsageRead,
    WindowClosed,
    WindowOpened,
)
from harness.driver.scenario import Submit, submitter
from harness.loads.load import parse_load
from harness.loads.shared.issuer import Issuer
from harness.machine.clock import NS
from harness.machine.usage import Reading, boot_id, read_tree
from harness.recording.request_numbers import FIRST, first_number
from harness.recording.spool import Recorder
from harness.results.model import LoopLag

PROGRESS_S = 0.25
WARMUP_CLIENTS = 16
WARMUP_LATENCIES = 1.25
"""The window opens only once a queue in front of the slots has reached its length."""
SAMPLING_LIMIT_S = 2.0


class Trial:
    """What a load sees of the trial (see `harness.loads.load.Measuring`), and the trial's own steps."""

    def __init__(self, spec: TrialSpec, link: Link, contender: Contender, loop: asyncio.AbstractEventLoop) -> None:
        self.seed = spec.seed
        self.service_s = 0.0
        self.opened_ns = 0
        self._warmup_s = 0.0
        self.closed_ns = 0
        self._issuer: Issuer | None = None
        self._spec = spec
        self._link = link
        self._contender = contender
        self._clock = contender.clock(loop)
        self._loop = loop
        self._lag = LoopLagSampler(loop)
        self._loop_lag: LoopLag | None = None
        self._readings: list[Reading] = []
        self._between: Reading | None = None
        self._sampled = {after: asyncio.Event() for after in ("opened", "between", "closed")}
        self._begin: asyncio.Future[int] = loop.create_future()
        self._marks: dict[str, int] = {}
        self._side: Driven | None = None
        self._aborted: str | None = None
        self._recorder = Recorder(Path(spec.spool))

    @property
    def issuer(self) -> Issuer:
        """What a load drives; there only once the first reply has been verified."""
        assert self._issuer is not None
        return self._issuer

    async def run(self) -> Recording:
        """The whole trial; what goes wrong is in the recording, with whatever was measured until then."""
        spec = self._spec
        definition = registry.load("workload", spec.assignment.workload)
        params = definition.Params(**spec.params)
        workload = definition(params, spec.assignment.services, spec.seed)
        load = parse_load(spec.load, "the trial")
        listener = asyncio.create_task(self._listen())
        try:
            async with (
                self._contender.open(spec.assignment, workload) as side,
                submitter(side, workload, spec.assignment, self._clock) as submit,
            ):
                fault = await self._verify(submit, workload)
                if fault is not None:
                    return self.recording(*fault)
                ideal_s = workload.ideal_s
                self.service_s = self.service_s if ideal_s is None else ideal_s
                expected_s = load.expected_s(self.service_s, spec.assignment.slots)
                self._warmup_s = max(spec.warmup_s, WARMUP_LATENCIES * expected_s) if spec.warmup_s else 0.0
                deadline_s = spec.timeout_s + expected_s
                self._side = side
                self._issuer = Issuer(
                    submit, workload, self._clock, self._recorder, deadline_s, boot_id(), first_number(spec.driver)
                )
                helpers = [asyncio.create_task(self.issuer.sweep()), asyncio.create_task(self._report())]
                try:
                    await self._begin_together()
                    await load.run(self)
                finally:
                    for helper in helpers:
                        helper.cancel()
        finally:
            listener.cancel()
            await asyncio.wait({listener})  # the link has one reader at a time
            self._clock.close()
            self._recorder.close()
        return self._account()

    async def _begin_together(self) -> None:
        """Where there are several drivers, wait for the moment at which all begin."""
        if not self._spec.together:
            return
        self._link.send(Ready())
        begin_ns = await asyncio.wait_for(self._begin, self._spec.timeout_s)
        await asyncio.sleep(max(0.0, (begin_ns - self._clock.now()) / NS))

    async def _verify(self, submit: Submit, workload: Any) -> tuple[str, str] | None:
        """Submit one request and check its reply before anything is timed; None where it is right."""
        payload = workload.payload(0)
        limit_s = self._spec.timeout_s + (workload.expected_s or 0.0)
        start = self._clock.now()
        try:
            outcome = await asyncio.wait_for(submit(Request(FIRST - self._spec.driver, payload)), limit_s)
        except TimeoutError:
            return "failed", f"no answer to the first request within {limit_s:g} s"
        self.service_s = (self._clock.now() - start) / NS
        if outcome.error is not None:
            return "failed", f"the first request failed: {outcome.error}"
        fault = workload.check(payload, outcome.reply)
        return None if fault is None else ("disqualified", f"the first reply was wrong: {fault}")

    async def steady_window(self) -> None:
        """Warm up, open the measured window, keep it open for its time or number of requests, close it."""
        if self._warmup_s:
            await asyncio.sleep(self._warmup_s)
            await asyncio.sleep(2e-9)  # so that nothing was issued at the very nanosecond in which the window opens
        self.open_window()
        if self._spec.requests is not None:
            self.issuer.accept_only(self._spec.requests)
            await self.issuer.stopped()
            self.close_window()
            self.closed_ns += 1  # the last request may have been due at this very nanosecond
        else:
            assert self._spec.duration_s is not None
            await self._clock_sleep(self._spec.duration_s)
            self.close_window()
            await self._roles_read("closed")
        self.issuer.stop()

    async def warm_up(self) -> None:
        """For a load without a steady state: a few closed clients for the time of the warm-up, to their end."""
        end = self._clock.now() + int(self._spec.warmup_s * NS)
        slots = self._spec.assignment.slots

        async def client() -> None:
            while self.issuer.accepting and self._clock.now() < end:
                await self.issuer.issue(self._clock.now())
                await asyncio.sleep(0)

        await asyncio.gather(*(client() for _ in range(min(WARMUP_CLIENTS, slots or WARMUP_CLIENTS))))

    @asynccontextmanager
    async def whole_window(self) -> AsyncIterator[None]:
        """The measured window of a load that ends by itself: every request of it lies within."""
        self.open_window()
        await self._roles_read("opened")
        self.opened_ns = self._clock.now()
        yield
        self.close_window()
        self.closed_ns += 1  # the last request may have been due at this very nanosecond
        await self._roles_read("closed")
        self.issuer.stop()

    async def between(self) -> None:
        """Between the two parts of a load: have every role's usage read once more."""
        self._between = read_tree()
        self._link.send(BetweenParts())
        await self._roles_read("between")

    async def _roles_read(self, after: str) -> None:
        if self._spec.sampled:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._sampled[after].wait(), SAMPLING_LIMIT_S)

    def mark(self, name: str) -> None:
        """Note this moment under that name."""
        self._marks[name] = self._clock.now()

    async def pause(self) -> None:
        """Have the contender execute nothing of what is submitted from now on, until `resume`."""
        assert self._side is not None
        await self._side.pause()

    async def resume(self) -> None:
        """Have the contender execute what was submitted meanwhile."""
        assert self._side is not None
        await self._side.resume()

    async def _clock_sleep(self, seconds: float) -> None:
        """Keep the window open; an abort ends it early."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.issuer.stopped(), seconds)

    def open_window(self) -> None:
        """What is due from now on is measured."""
        self.opened_ns = self._clock.now()
        self._readings = [read_tree()]
        self._lag.start()
        self._link.send(WindowOpened())

    def close_window(self) -> None:
        """What is due from now on is not measured."""
        self.closed_ns = self._clock.now()
        self._readings.append(read_tree(memory="rss"))
        self._loop_lag = self._lag.stop()
        self._link.send(WindowClosed())

    async def _listen(self) -> None:
        while (message := await self._link.receive()) is not None:
            if isinstance(message, UsageRead):
                self._sampled[message.after].set()
            elif isinstance(message, StartLoad):
                if not self._begin.done():
                    self._begin.set_result(message.at_ns)
            elif isinstance(message, Abort):
                if not self._begin.done():
                    self._begin.set_result(0)
                self._aborted = message.reason
                for sampled in self._sampled.values():
                    sampled.set()
                if self._issuer is not None:
                    self._issuer.abandon()

    async def _report(self) -> None:
        begun = self._clock.now()
        while True:
            await asyncio.sleep(PROGRESS_S)
            seconds = (self._clock.now() - begun) / NS
            self._link.send(LoadProgress(self._recorder.rows, seconds, self._recorder.recent_ms()))

    def _account(self) -> Recording:
        if self._aborted is not None:
            return self.recording("failed", self._aborted)
        if self.issuer.issued != self._recorder.rows:
            return self.recording(
                "failed", f"reconciliation: {self.issuer.issued} requests issued, {self._recorder.rows} accounted for"
            )
        if self.issuer.first_wrong is not None:
            return self.recording("disqualified", f"a reply was wrong: {self.issuer.first_wrong}")
        return self.recording("measured", None)

    def recording(self, status: str, error: str | None) -> Recording:
        """All that is known now, under that status."""
        issuer = self._issuer
        return Recording(
            status=status,
            error=error,
            opened_ns=self.opened_ns,
            closed_ns=self.closed_ns,
            issued=issuer.issued if issuer else 0,
            recorded=self._recorder.rows,
            failures=issuer.failures if issuer else {},
            measures=issuer.measures if issuer else {},
            driver=None if self._clock.virtual or len(self._readings) < 2 else (self._readings[0], self._readings[1]),
            driver_between=self._between,
            loop_lag=self._loop_lag,
            clocks_comparable=not (issuer and issuer.foreign_clock),
            marks=self._marks,
            debug=sys.flags.dev_mode or self._loop.get_debug(),
        )


async def run_trial(spec: TrialSpec, link: Link, contender: Contender) -> Recording:
    """Run one trial on the running loop; an error of the contender's own becomes a failed recording."""
    trial = Trial(spec, link, contender, asyncio.get_running_loop())
    try:
        return await trial.run()
    except Exception as error:
        return trial.recording("failed", f"{type(error).__name__}: {error}")


def main(sock: socket.socket, spec: TrialSpec) -> None:
    """Run the trial that `spec` describes and report over `sock`, on the contender's own event loop."""
    contender = contender_of(spec.contender, spec.assignment.tuning)
    with asyncio.Runner(loop_factory=contender.new_event_loop) as runner:
        runner.run(_main(sock, contender, spec))


async def _main(sock: socket.socket, contender: Contender, spec: TrialSpec) -> None:
    link = await Link.over(sock)
    link.send(Running(os.getpid()))
    link.send(await run_trial(spec, link, contender))
    # To close with something unread would reset the connection, and lose the recording on its way. The session
    # ends this process once it has it.
    while await link.receive() is not None:
        pass
    await link.close()

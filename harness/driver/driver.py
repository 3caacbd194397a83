"""One trial in its own process: verify one reply, warm up, measure, wait for every answer, account."""

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from harness import registry
from harness.contenders.contender import Contender, Driven, Request, contender_of
from harness.driver.crashing import Leaving, noting
from harness.driver.look import Looking, as_text
from harness.driver.measurement import Measurement
from harness.driver.messages import Link, LoadProgress, Recording, Running, TrialOutcome, TrialSpec
from harness.driver.orders import Orders
from harness.driver.scenario import Submit, submitter
from harness.driver.warm_up import WarmUp
from harness.driver.window import Window
from harness.errors import ServiceError, WorkbenchError
from harness.loads.load import Load, parse_load
from harness.loads.shared.issuer import Issuer
from harness.machine.clock import NS
from harness.machine.limits import exhausted
from harness.machine.usage import boot_id
from harness.recording.ledger import Ledger
from harness.recording.request_numbers import FIRST, first_number
from harness.recording.spool import Recorder
from workloads.scenario import Scenario
from workloads.workload import Workload

PROGRESS_S = 1.0
OTHERS_READY_S = 60.0
"""How long other drivers of the trial may take to be ready; those that are lost are noticed by their session."""
"""Each time wakes an idle process, which costs a tenth of a millisecond."""
ERROR_CHARACTERS = 20_000
"""Of an error that is reported: what the work raises may be of any length."""


class FirstReply(NamedTuple):
    """What became of the request that is verified before anything is timed."""

    took_s: float
    status: TrialOutcome = "measured"
    error: str | None = None


class TrialDriver:
    """The steps of one trial, and what is known of it at every moment."""

    def __init__(self, spec: TrialSpec, link: Link, contender: Contender, loop: asyncio.AbstractEventLoop) -> None:
        self._spec = spec
        self._link = link
        self._contender = contender
        self._loop = loop
        self._clock = contender.clock(loop)
        self._window = Window(link, self._clock, loop)
        self._orders = Orders(link, loop)
        self._recorder = Recorder(Path(spec.spool))
        self._leaving = Leaving(contender, loop)
        self._assignment = msgspec.structs.replace(spec.assignment, keeps=str(Path(spec.spool).with_suffix(".jobs")))
        self._issuer: Issuer | None = None
        self._workload: Workload[Any] | None = None
        self._looking: Looking | None = None

    async def run(self) -> Recording:
        """The whole trial; what goes wrong is in the recording, with all that was measured until then."""
        spec = self._spec
        noted = bool(spec.assignment.ledger)
        definition = registry.load("workload", spec.assignment.workload)
        workload = definition(definition.Params(**spec.params), spec.assignment.services, spec.seed)
        self._workload = workload
        listener = asyncio.create_task(self._orders.listen(self._abandon))
        if spec.look:
            self._looking = Looking(self._loop, self._contender.own_functions(spec.assignment.workload))
            self._looking.start()
        try:
            async with (
                self._contender.open(self._assignment, workload) as side,
                submitter(side, workload, spec.assignment, self._clock) as submit,
            ):
                first = FirstReply(0.0) if noted else await self._verify(submit, workload)
                if first.error is not None:
                    return self.recording(first.status, first.error)
                service_s = first.took_s if workload.ideal_s is None else workload.ideal_s
                await self._measure(side, submit, workload, service_s)
        finally:
            listener.cancel()
            await asyncio.wait({listener})  # the link has one reader at a time
            self._clock.close()
            self._recorder.close()
        return self._account()

    @property
    def leaves(self) -> bool:
        """Whether the process was told to end, so that it ends by itself."""
        return self._leaving.asked

    def _abandon(self) -> None:
        if self._issuer is not None:
            self._issuer.abandon()

    async def _verify(self, submit: Submit, workload: Workload[Any]) -> FirstReply:
        """Submit one request and check its reply."""
        payload = workload.payload(0)
        limit_s = self._spec.timeout_s + (workload.expected_s or 0.0)
        start = self._clock.now()
        submitted = asyncio.ensure_future(submit(Request(FIRST - self._spec.driver, payload)))
        try:
            ways: set[asyncio.Future[Any]] = {submitted, self._orders.aborted}
            await asyncio.wait(ways, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            took_s = (self._clock.now() - start) / NS
            if not submitted.done():
                reason = self._orders.abort_reason or f"no answer to the first request within {limit_s:g} s"
                return FirstReply(took_s, "failed", reason)
            outcome = submitted.result()
        finally:
            submitted.cancel()
        if outcome.error is not None:
            return FirstReply(took_s, "failed", f"the first request failed: {outcome.error}")
        if self._looking is not None:
            self._looking.reply = as_text(outcome.reply)
        fault = workload.check(payload, outcome.reply)
        if fault is not None:
            return FirstReply(took_s, "disqualified", f"the first reply was wrong: {fault}")
        return FirstReply(took_s)

    async def _measure(self, side: Driven, submit: Submit, workload: Workload[Any], service_s: float) -> None:
        """Run the load to its end."""
        spec, clock, recorder = self._spec, self._clock, self._recorder
        load = parse_load(spec.load, "the trial")
        expected_s = load.expected_s(service_s, spec.assignment.slots)
        deadline_s = spec.timeout_s + expected_s
        number = first_number(spec.driver) + spec.issued_before
        if spec.assignment.ledger:
            tells = isinstance(workload, Scenario) and workload.tells
            submit = noting(submit, Ledger(Path(spec.assignment.ledger)), spec.assignment.trial, tells=tells)
        issuer = Issuer(submit, workload, clock, recorder, deadline_s, boot_id(), number)
        self._issuer = issuer
        self._leaving.watch(issuer)
        if spec.at_most is not None:
            issuer.allow(spec.at_most - 1)  # the first one was verified
        warm_up = WarmUp(issuer, _places(spec, load), spec.warmup_requests, self._contender.built)
        measurement = Measurement(
            spec, side, issuer, self._window, self._orders, warm_up, service_s=service_s, expected_s=expected_s
        )
        helpers = [asyncio.create_task(issuer.sweep()), asyncio.create_task(self._report_progress())]
        try:
            await self._start_together()
            if spec.warmup_s and load.steady and workload.one_execution and (load.population or 0) < warm_up.places:
                await warm_up.fill()
            await load.run(measurement)
        finally:
            for helper in helpers:
                helper.cancel()
        self._window.read_memory()

    async def _start_together(self) -> None:
        """Where there are several drivers, wait for the moment at which all of them start."""
        if not self._spec.together:
            return
        self._orders.ready("load")
        try:
            start_ns = await self._orders.start_ns(max(self._spec.timeout_s, OTHERS_READY_S))
        except TimeoutError:
            raise ServiceError(
                f"the other drivers of the trial were not ready {OTHERS_READY_S:g} s after this one"
            ) from None
        await asyncio.sleep(max(0.0, (start_ns - self._clock.now()) / NS))

    async def _report_progress(self) -> None:
        begun = self._clock.now()
        while True:
            await asyncio.sleep(PROGRESS_S)
            seconds = (self._clock.now() - begun) / NS
            self._link.send(LoadProgress(self._recorder.rows, seconds, self._recorder.recent_ms()))

    def _account(self) -> Recording:
        issued = self._issuer.issued if self._issuer else 0
        first_wrong = self._issuer.first_wrong if self._issuer else None
        if self._orders.abort_reason is not None:
            return self.recording("failed", self._orders.abort_reason)
        if issued != self._recorder.rows:
            return self.recording(
                "failed", f"reconciliation: {issued} requests issued, {self._recorder.rows} accounted for"
            )
        if first_wrong is not None:
            return self.recording("disqualified", f"a reply was wrong: {first_wrong}")
        return self.recording("measured", None)

    def recording(self, status: TrialOutcome, error: str | None) -> Recording:
        """All that is known now, under that status."""
        issuer, window = self._issuer, self._window
        return Recording(
            status=status,
            error=error and error[:ERROR_CHARACTERS],
            opened_ns=window.opened_ns,
            closed_ns=window.closed_ns,
            issued=issuer.issued if issuer else 0,
            recorded=self._recorder.rows,
            failures=issuer.failures if issuer else {},
            measures=issuer.measures if issuer else {},
            replies=self._workload.kept if self._workload else {},
            driver=window.usage,
            driver_between=window.between,
            memory_mb=window.memory_mb,
            loop_lag=window.loop.lag if window.loop else None,
            loop_busy=window.loop.busy if window.loop else None,
            loop_blocked=window.loop.blocked if window.loop else None,
            loop_longest_ms=window.loop.longest_ms if window.loop else None,
            clocks_comparable=not (issuer and issuer.foreign_clock),
            marks=window.marks,
            at_rest=window.at_rest,
            look=self._looking.found() if self._looking else None,
            debug=sys.flags.dev_mode or self._loop.get_debug(),
        )


def _places(spec: TrialSpec, load: Load) -> int:
    """Requests that may execute at once."""
    return spec.assignment.slots or load.population or 1


async def run_trial(spec: TrialSpec, link: Link, contender: Contender) -> Recording:
    """Run one trial on the running loop; an error of the contender's own becomes a failed recording."""
    return await recorded(TrialDriver(spec, link, contender, asyncio.get_running_loop()))


async def recorded(trial: TrialDriver) -> Recording:
    """That of a whole trial, whatever is raised."""
    try:
        return await trial.run()
    except Exception as error:  # noqa: BLE001 - a contender may raise anything, and the session must hear of it
        known = isinstance(error, WorkbenchError)
        return trial.recording(
            "failed", str(error) if known else exhausted(error) or f"{type(error).__name__}: {error}"
        )


def main(sock: socket.socket, spec: TrialSpec) -> None:
    """Run the trial that `spec` describes and report over `sock`, on the contender's own event loop."""
    contender = contender_of(spec.contender, spec.assignment.tuning)
    with asyncio.Runner(loop_factory=contender.new_event_loop) as runner:
        runner.run(_main(sock, contender, spec))


async def _main(sock: socket.socket, contender: Contender, spec: TrialSpec) -> None:
    link = await Link.over(sock)
    link.send(Running(os.getpid()))
    trial = TrialDriver(spec, link, contender, asyncio.get_running_loop())
    link.send(await recorded(trial))
    if trial.leaves:
        await link.close()
        return
    # To close with something unread would reset the connection, and lose the recording on its way. The session
    # ends this process once it has it.
    while await link.receive() is not None:
        pass
    await link.close()

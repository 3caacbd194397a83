"""Issues requests to the open side of a contender, checks the replies, stamps and reconciles them by id."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any, cast

from harness.contenders.contender import Outcome, Request, error_text
from harness.machine.clock import NS, Clock
from harness.recording.spool import Recorder, Status
from workloads.workload import Workload

SWEEP_S = 0.1
LOOK_S = 0.005
KINDS_KEPT = 20
OWN_ERROR_TEXT = 500
GIVEN_UP = Outcome(error="no answer by its deadline")
OK, WRONG, FAILED, LOST = map(int, Status)  # to look up a member of an enum takes longer than to read the clock


class Issuer:
    """What a load drives: `issue(due_ns)` submits the next request and returns when it has ended.

    Requests are `accepting` until the load is over; every one issued is recorded, exactly once.
    """

    def __init__(
        self,
        submit: Callable[[Request], Awaitable[Outcome]],
        workload: Workload[Any],
        clock: Clock,
        recorder: Recorder,
        deadline_s: float,
        boot_id: str,
        first: int = 0,
    ) -> None:
        self.clock = clock
        self.accepting = True
        self.issued = 0
        self._first = first
        self.first_wrong: str | None = None
        self.failures: dict[str, tuple[int, str]] = {}
        self.foreign_clock = False
        """Whether any stamp came from a machine whose clock is not this one's."""
        self._boot_id = boot_id
        self._submit = submit
        self._payload = workload.payload
        self._measure, self._measure_anew = workload.measure, workload.measure_anew
        measures = type(workload).measure is not Workload.measure
        self._check = self._check_and_measure if measures else workload.check
        self._plain_check = workload.check
        self.measures: dict[str, tuple[int, float]] = {}
        """Of right replies since the window opened, how many had a figure and what these add up to, by its key."""
        self._recorder = recorder
        self.deadline_ns = int(deadline_s * NS)
        """From when a request is due."""
        self._pending: dict[asyncio.Task[Any], int] = {}
        """The task of each request under way → when it was due; the oldest first."""
        self._last = -1
        self._due_least_ns = 0
        self._closed = asyncio.Event()

    async def issue(self, due_ns: int, task: asyncio.Task[Any] | None = None, times: int = 1) -> int:
        """Submit `times` requests, or fewer where the load ends before, and record how each ended; when the last did.

        The first is due at `due_ns`, each other when the one before it has ended. `task`: the one that runs this, where
        the caller knows it: to ask for it costs as much as a small request.
        """
        task = task or cast("asyncio.Task[Any]", asyncio.current_task())
        now, submit, payload_of, check = self.clock.now, self._submit, self._payload, self._check
        pending, boot_id, record = self._pending, self._boot_id, self._recorder.record
        while True:
            number = self._first + self.issued
            if self.issued == self._last:
                self.stop()
            self.issued += 1
            payload = payload_of(number)
            pending[task] = due_ns
            start = now()
            try:
                outcome = await submit(Request(number, payload))
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever a side raises is its failure
                outcome = self._raised(error, task)
            done = now()
            pending.pop(task, None)
            if outcome.boot_id != boot_id and outcome.boot_id:
                self.foreign_clock = True
            fault = check(payload, outcome.reply) if outcome.error is None else outcome.error
            status = OK if fault is None else self._not_ok(number, outcome, fault)
            began, ended = outcome.exec_start_ns, outcome.exec_end_ns
            record((number, due_ns, start, outcome.publish_end_ns, began, ended, done, status))
            times -= 1
            if times == 0:
                return done
            await ROUND
            if not self.accepting:
                return done
            due_ns = self.due_after(done)

    def due_after(self, done_ns: int) -> int:
        """When the next request of a client is due whose last one ended then: at once, but not before those allowed."""
        return done_ns if done_ns > self._due_least_ns else self._due_least_ns

    def _check_and_measure(self, payload: Any, reply: Any) -> str | None:
        """Only in the way of workloads that measure something of their own."""
        fault = self._plain_check(payload, reply)
        if fault is None:
            for key, value in self._measure(payload, reply).items():
                count, total = self.measures.get(key, (0, 0.0))
                self.measures[key] = count + 1, total + value
        return fault

    def measure_anew(self) -> None:
        """The window opens: what replies of the warm-up have shown is forgotten."""
        self.measures.clear()
        self._measure_anew()

    def _raised(self, error: BaseException, task: asyncio.Task[Any]) -> Outcome:
        """The outcome of a request that raised; a cancellation that is not the sweeper's is raised again."""
        if not isinstance(error, asyncio.CancelledError):
            return Outcome(error=error_text(error))
        if task in self._pending:
            raise error
        task.uncancel()  # it ends here
        return GIVEN_UP

    def _not_ok(self, number: int, outcome: Outcome, fault: str) -> int:
        """Note why; returns the status."""
        if outcome is GIVEN_UP:
            return LOST
        if outcome.error is None:
            if self.first_wrong is None:
                self.first_wrong = f"request {number}: {fault}"[:OWN_ERROR_TEXT]
            return WRONG
        kind = fault[:OWN_ERROR_TEXT].partition(":")[0]
        if kind not in self.failures and len(self.failures) >= KINDS_KEPT:
            kind = "other"
        count, example = self.failures.get(kind, (0, fault[:OWN_ERROR_TEXT]))
        self.failures[kind] = count + 1, example
        return FAILED

    def allow(self, requests: int) -> None:
        """Stop by itself once so many (one or more) have been issued, whatever else is asked."""
        self._last = requests - 1

    def accept_only(self, more: int) -> None:
        """Stop by itself after `more` further requests, none of them due before now."""
        last = self.issued + more - 1
        self._last = last if self._last < 0 else min(last, self._last)
        self._due_least_ns = self.clock.now()

    def stop(self) -> None:
        """Take no more requests; those under way go on to their end."""
        self.accepting = False
        self._closed.set()

    async def stopped(self) -> None:
        """Wait until no more requests are taken."""
        await self._closed.wait()

    @property
    def full(self) -> bool:
        """Whether as many requests as were allowed have been issued."""
        return 0 <= self._last < self.issued

    @property
    def under_way(self) -> int:
        """Requests submitted and not yet ended."""
        return len(self._pending)

    def recent_s(self) -> float | None:
        """The middle latency of the last good replies; None where there are none yet."""
        recent_ms = self._recorder.recent_ms()
        return None if recent_ms is None else recent_ms / 1000

    async def all_so_far_ended(self) -> None:
        """Wait until every request that is due by now has ended; others may be issued meanwhile."""
        now_ns = self.clock.now()
        while next(iter(self._pending.values()), now_ns + 1) <= now_ns:  # noqa: ASYNC110 - an event would cost every request
            await asyncio.sleep(LOOK_S)

    async def sweep(self) -> None:
        """End what has passed its deadline, until cancelled: one sweeper costs less than a timer a request.

        It sleeps until the oldest request's deadline: to wake an idle process costs a tenth of a millisecond.
        """
        while True:
            now_ns = self.clock.now()
            oldest_due_ns = next(iter(self._pending.values()), now_ns)
            await asyncio.sleep(max(SWEEP_S, (oldest_due_ns + self.deadline_ns - now_ns) / NS))
            overdue_ns = self.clock.now() - self.deadline_ns
            for task, due_ns in list(self._pending.items()):
                if due_ns > overdue_ns:
                    break
                del self._pending[task]
                task.cancel()

    def abandon(self) -> None:
        """Count all that is under way as lost, now."""
        self.stop()
        for task in list(self._pending):
            task.cancel()
        self._pending.clear()


class _Round:
    """Lets the event loop come round once when it is awaited: `asyncio.sleep(0)` without a coroutine of its own."""

    def __await__(self) -> Generator[None, None, None]:
        return iter((None,))  # type: ignore[return-value]  # quicker than a generator; nothing is sent into it


ROUND = _Round()

"""Issues requests to the open side of a contender, checks the replies, stamps and reconciles them by id."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harness.contenders.contender import Outcome, Request
from harness.machine.clock import NS, Clock
from harness.recording.spool import Recorder, Status
from workloads.workload import Workload

SWEEP_S = 0.1
LOOK_S = 0.005
KINDS_KEPT = 20
OWN_ERROR_TEXT = 500
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
        self._measure = workload.measure
        measures = type(workload).measure is not Workload.measure
        self._check = self._check_and_measure if measures else workload.check
        self._plain_check = workload.check
        self.measures: dict[str, tuple[int, float]] = {}
        """Of right replies, how many had a figure and what these add up to, by its key."""
        self._recorder = recorder
        self._deadline_ns = int(deadline_s * NS)
        self._pending: dict[int, tuple[int, asyncio.Task[Any]]] = {}
        self._last = -1
        self._closed = asyncio.Event()

    async def issue(self, due_ns: int, task: asyncio.Task[Any] | None = None) -> None:
        """Submit the next request, due at `due_ns`, and record how it ended.

        `task`: the one that runs this, where the caller knows it: to ask for it costs as much as a small request.
        """
        count = self.issued
        self.issued = count + 1
        if count == self._last:
            self.stop()
        number = self._first + count
        now = self.clock.now
        payload = self._payload(number)
        self._pending[number] = due_ns, task or asyncio.current_task()  # type: ignore[assignment]
        start = now()
        try:
            outcome = await self._submit(Request(number, payload))
            done = now()
        except asyncio.CancelledError:
            if number in self._pending:
                raise
            asyncio.current_task().uncancel()  # type: ignore[union-attr]  # it was the sweeper's, and ends here
            self._recorder.record((number, due_ns, start, 0, 0, 0, now(), LOST))
            return
        except Exception as error:  # noqa: BLE001 - whatever a side's connection raises is this request's failure
            done = now()
            outcome = Outcome(error=f"{type(error).__name__}: {error}")
        del self._pending[number]
        if outcome.boot_id != self._boot_id and outcome.boot_id:
            self.foreign_clock = True
        if outcome.error is not None:
            status = FAILED
            self._note_failure(outcome.error)
        elif (fault := self._check(payload, outcome.reply)) is not None:
            status = WRONG
            self._note_wrong(number, fault)
        else:
            status = OK
        self._recorder.record(
            (number, due_ns, start, outcome.publish_end_ns, outcome.exec_start_ns, outcome.exec_end_ns, done, status)
        )

    def _check_and_measure(self, payload: Any, reply: Any) -> str | None:
        """Only in the way of workloads that measure something of their own."""
        fault = self._plain_check(payload, reply)
        if fault is None:
            for key, value in self._measure(payload, reply).items():
                count, total = self.measures.get(key, (0, 0.0))
                self.measures[key] = count + 1, total + value
        return fault

    def _note_wrong(self, number: int, fault: str) -> None:
        if self.first_wrong is None:
            self.first_wrong = f"request {number}: {fault}"[:OWN_ERROR_TEXT]

    def _note_failure(self, error: str) -> None:
        kind = error.partition(":")[0]
        if kind not in self.failures and len(self.failures) >= KINDS_KEPT:
            kind = "other"
        count, example = self.failures.get(kind, (0, error[:OWN_ERROR_TEXT]))
        self.failures[kind] = count + 1, example

    def accept_only(self, more: int) -> None:
        """Stop by itself after `more` further requests."""
        self._last = self.issued + more - 1

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
        """Wait until every request issued until now has ended; others may be issued meanwhile."""
        first_after = self._first + self.issued
        while next(iter(self._pending), first_after) < first_after:  # noqa: ASYNC110 - an event would cost every request
            await asyncio.sleep(LOOK_S)

    async def sweep(self) -> None:
        """End what has passed its deadline, until cancelled: one sweeper costs less than a timer a request."""
        while True:
            await asyncio.sleep(SWEEP_S)
            overdue = self.clock.now() - self._deadline_ns
            for number, (due_ns, task) in list(self._pending.items()):
                if due_ns > overdue:
                    break
                del self._pending[number]
                task.cancel()

    def abandon(self) -> None:
        """Count all that is under way as lost, now."""
        self.stop()
        for _due_ns, task in list(self._pending.values()):
            task.cancel()
        self._pending.clear()

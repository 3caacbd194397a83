"""delayed: work that runs after a delay: a reminder, a second attempt, a lease that ends."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext
from workloads.workload import Measure, Params, Payload


class DelayedParams(Params, frozen=True, kw_only=True):
    """Settings of `delayed`."""

    delay_ms: Annotated[float, Meta(ge=0, le=60_000, description="the delay, in milliseconds")] = 100.0


class Delayed(Scenario[DelayedParams]):
    """How late is it, and is it ever too early?

    `late_ms` is the time from when the work was due until the caller knows that it has run; `early_percent`, the share
    that ran before it was due.

    On Celery, a worker takes the message at once and keeps it until the task is due. It holds no slot in the meantime,
    but all waiting tasks are in the memory of that worker. They return to the queue when the worker shuts down; if it
    is killed, they return after the visibility timeout (an hour on Redis). A delay longer than that timeout makes the
    task run more than once. A coroutine that waits holds its slot: with more clients than slots, compare with asyncio
    unbounded.
    """

    summary = "runs after a delay: call_at against countdown; how late or early it is"
    in_practice = "a reminder, a payment that is tried again tomorrow, a lease that ends unless it is renewed"
    look_at = "`late_ms` and `early_percent`; and what happens to waiting work when its process ends"
    is_about = Measure("late_ms", "lateness")
    Params = DelayedParams
    waits = frozenset({"delay_ms"})

    def payload(self, number: int) -> Payload:
        """The delay, and a number that the work returns."""
        return {"delay_s": self.params.delay_ms / 1000, "number": number}

    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Schedule the work, and wait until it has run."""
        due = context.now() + payload["delay_s"]
        number = await context.start(payload).reply()
        return {"number": number, "late_ms": 1000 * (context.now() - due)}

    @property
    def expected_s(self) -> float:
        """The delay."""
        return self.params.delay_ms / 1000

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the number that was passed."""
        expected = payload["number"]
        return None if reply["number"] == expected else f"expected {expected}, got {reply['number']!r}"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """How late it was, and whether that was too early."""
        return {"late_ms": reply["late_ms"], "early_percent": 100.0 * (reply["late_ms"] < 0)}


WORKLOAD = Delayed

"""delayed: work that runs after a delay: a reminder, a second attempt, a lease that ends."""

import math
from typing import Annotated, Any

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext
from workloads.workload import Measure, Params, Payload


class DelayedParams(Params, frozen=True, kw_only=True):
    """Settings of `delayed`."""

    delay_ms: Annotated[float, Meta(ge=0, le=60_000, description="the delay")] = 100.0


class Delayed(Scenario[DelayedParams]):
    """How late is it (`late_ms`), and is it ever too early (`early_percent`)?

    A Celery worker keeps the message in memory until the task is due, without a slot. It returns to the queue when the
    worker shuts down; if it is killed, after the visibility timeout (an hour on Redis), which also runs tasks with
    longer delays again. A coroutine that waits holds its slot: compare with asyncio unbounded.
    """

    summary = "runs after a delay: call_at against countdown"
    in_practice = "a reminder, a payment that is tried again tomorrow"
    look_at = "`late_ms`, `early_percent`, and what happens to waiting work when its process ends"
    is_about = Measure("late_ms", "lateness", least=-math.inf)
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

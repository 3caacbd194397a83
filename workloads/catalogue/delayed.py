"""delayed: something is to happen after a while: a reminder, a second attempt, a lease that ends."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext
from workloads.workload import Params, Payload


class DelayedParams(Params, frozen=True, kw_only=True):
    """Settings of `delayed`."""

    delay_ms: Annotated[float, Meta(ge=0, le=60_000, description="after how long, in milliseconds")] = 100.0


class Delayed(Scenario[DelayedParams]):
    """How late is it, and does it ever come too early?

    `late_ms` is how much later than asked for the caller knows that it has happened; `early_percent`, how often that
    was before its time.

    On Celery a worker takes the message at once and keeps it until its time: no slot is held meanwhile, but all that
    waits lies in that worker's memory. It goes back to the queue when the worker stops in order; where it was killed,
    after the visibility timeout (an hour on Redis). A delay beyond that timeout makes the task run more than once. A
    coroutine that waits holds its slot: with more clients than slots, compare with asyncio unbounded.
    """

    summary = "happens after a delay: call_at against countdown; how late or early it is"
    in_practice = "a reminder, a payment that is tried again tomorrow, a lease that ends unless it is renewed"
    look_at = "`late_ms` and `early_percent`; and what becomes of it when the process that keeps it ends"
    Params = DelayedParams

    def payload(self, number: int) -> Payload:
        """The delay, and what is handed over."""
        return {"delay_s": self.params.delay_ms / 1000, "number": number}

    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Ask for it, wait until it has happened."""
        due = context.now() + payload["delay_s"]
        number = await context.start(payload).reply()
        return {"number": number, "late_ms": 1000 * (context.now() - due)}

    @property
    def expected_s(self) -> float:
        """The delay."""
        return self.params.delay_ms / 1000

    def check(self, payload: Payload, reply: Any) -> str | None:
        """What was handed over came back."""
        expected = payload["number"]
        return None if reply["number"] == expected else f"expected {expected}, got {reply['number']!r}"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """How late it was, and whether that was too early."""
        return {"late_ms": reply["late_ms"], "early_percent": 100.0 * (reply["late_ms"] < 0)}


WORKLOAD = Delayed

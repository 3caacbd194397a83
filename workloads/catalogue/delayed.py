"""delayed: something is to happen after a while: a reminder, a second attempt, a lease that ends."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.workload import Params, Payload, Workload


class DelayedParams(Params, frozen=True, kw_only=True):
    """Settings of `delayed`."""

    delay_ms: Annotated[float, Meta(ge=0, le=60_000, description="after how long, in milliseconds")] = 100.0


class Delayed(Workload[DelayedParams]):
    """`late_ms` is the mean latency beyond the delay: on Celery with the way through the broker and back.

    A lowest latency below the delay is an early one. On Celery a worker takes the message at once and keeps it until
    its time: no slot is held meanwhile, but all that waits lies in that worker's memory, and goes back to the queue
    only when it stops in order. A delay beyond the visibility timeout of a Redis (an hour) makes the task run more than
    once.
    """

    summary = "happens after a delay: call_at against countdown; how late it is"
    Params = DelayedParams

    def payload(self, number: int) -> Payload:
        """The delay, and what is handed over."""
        return {"delay_s": self.params.delay_ms / 1000, "number": number}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """What was handed over came back."""
        return None if reply == payload["number"] else f"expected {payload['number']}, got {reply!r}"

    def derive(self, throughput_per_s: float, mean_ms: float) -> dict[str, float]:
        """How late it was."""
        return {"late_ms": mean_ms - self.params.delay_ms}

    @property
    def ideal_s(self) -> None:
        """Slots are no limit: on Celery none is held by what waits for its time."""
        return None


WORKLOAD = Delayed

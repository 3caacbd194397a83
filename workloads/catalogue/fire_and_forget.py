"""fire_and_forget: work that nobody waits for: an e-mail, a metric, warming a cache."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.left_behind import LeftBehind, LeftBehindParams
from workloads.scenario import ScenarioContext
from workloads.workload import Measure, Payload


class FireAndForgetParams(LeftBehindParams, frozen=True, kw_only=True):
    """Settings of `fire_and_forget`."""

    result: Annotated[
        Literal["ignored", "stored"],
        Meta(description="Celery only: whether the result is stored"),
    ] = "ignored"


class FireAndForget(LeftBehind[FireAndForgetParams]):
    """How much time does the caller spend, and when is the work done?

    `caller_ms`: what starting the work takes; `done_ms`: until the origin has seen it done. A client starts the next
    one once the harness learns of that, so that latencies are longer.

    An asyncio task must be referenced, or it may be garbage-collected before it has run. `--load
    crash:kill-app@20:open:50/s` counts what its process loses. A Celery task that ignores its result takes 10 Redis
    commands instead of 17; only the worker's log shows its failure.
    """

    summary = "starts work without waiting: create_task against ignore_result"
    in_practice = "an e-mail, a webhook, an entry in the statistics"
    look_at = "`caller_ms`, which your own request pays for, and what is lost with the process"
    is_about = Measure("caller_ms", "the caller's time")
    Params = FireAndForgetParams
    celery_only = frozenset({"result"})

    def payload(self, number: int) -> Payload:
        """The URL to call, and whether Celery stores the result."""
        return {
            "url": f"{self.services.origin_url}/visit",
            "query": f"latency_ms={self.params.latency_ms}",
            "result": self.params.result,
        }

    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Start it; the origin reports when it was called."""
        url = f"{payload['url']}/{context.id}"
        began = context.now()
        context.start(payload | {"url": url})
        went_on = context.now()
        return {"caller_ms": 1000 * (went_on - began), "done_ms": await self.done_ms(context, began)}

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """What it costs the caller, and when it is done."""
        return {"caller_ms": reply["caller_ms"], "done_ms": reply["done_ms"][0]}


WORKLOAD = FireAndForget

"""fire_and_forget: work that nobody waits for: an e-mail, a metric, warming a cache."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext
from workloads.workload import Measure, Params, Payload

WITHIN_S = 25.0


class FireAndForgetParams(Params, frozen=True, kw_only=True):
    """Settings of `fire_and_forget`."""

    latency_ms: Annotated[
        float, Meta(ge=0, le=60_000, description="how long the origin takes to answer it, in milliseconds")
    ] = 20.0
    result: Annotated[
        Literal["ignored", "stored"],
        Meta(description="Celery only: whether the result is stored although nobody waits for it"),
    ] = "ignored"


class FireAndForget(Scenario[FireAndForgetParams]):
    """How much time does the caller spend, and when is the work done?

    `caller_ms` is the time that starting the work takes its caller; `done_ms`, the time until the origin has seen it
    done. Latencies include the time until the harness learns this from the origin; only then does a client start the
    next one.

    An asyncio task must be kept referenced, or it may be garbage-collected before it has run; work that has not run
    when its process ends is lost, and `--load crash:kill-app@20:open:50/s` counts it. Starlette's and FastAPI's
    BackgroundTask, and a handler that publishes: `after_response`. A Celery task that ignores its result costs about
    half the commands, and a failure is only visible in the worker's log.
    """

    summary = "starts work without waiting: create_task against ignore_result; the caller's time, the time until done"
    in_practice = "an e-mail after a sign-up, a webhook, an entry in the statistics: the response does not wait for it"
    look_at = (
        "`caller_ms`, which your own request pays for, against `done_ms`, which nobody waits for; and what is lost "
        "with the process"
    )
    is_about = Measure("caller_ms", "the caller's time")
    Params = FireAndForgetParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"latency_ms"})
    celery_only = frozenset({"result"})
    waits = frozenset({"latency_ms"})

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
        done = await context.visits(context.id, at_least=1, within_s=WITHIN_S + self.params.latency_ms / 1000)
        return {"caller_ms": 1000 * (went_on - began), "done_ms": [1000 * (at - began) for at in done]}

    @property
    def origin_ms(self) -> float:
        """The latency."""
        return self.params.latency_ms

    @property
    def expected_s(self) -> float:
        """Until the origin has seen it."""
        return self.params.latency_ms / 1000

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The origin was called exactly once."""
        times = len(reply["done_ms"])
        return None if times == 1 else f"expected it to happen once, it happened {times} times"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """What it costs the caller, and when it is done."""
        return {"caller_ms": reply["caller_ms"], "done_ms": reply["done_ms"][0]}


WORKLOAD = FireAndForget

"""fire_and_forget: started, and not waited for: a mail, a metric, a cache to be warmed."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext
from workloads.workload import Params, Payload

WITHIN_S = 25.0


class FireAndForgetParams(Params, frozen=True, kw_only=True):
    """Settings of `fire_and_forget`."""

    latency_ms: Annotated[
        float, Meta(ge=0, le=60_000, description="how long the origin takes to see it, in milliseconds")
    ] = 20.0
    result: Annotated[
        Literal["ignored", "stored"],
        Meta(description="Celery only: whether the result, for which nobody waits, is stored all the same"),
    ] = "ignored"


class FireAndForget(Scenario[FireAndForgetParams]):
    """What does it cost whoever starts it, and when is it done?

    `caller_ms` is what it costs whoever starts it; `done_ms`, when the origin has seen it done. Latencies include
    that the harness hears of it from the origin; a client starts the next one then.

    A task of asyncio must be kept referenced, else it may be gone before it has run; what has not run when its process
    ends never runs. A Celery task that ignores its result costs about half the commands, and nobody learns that it
    failed, except from the worker's log.
    """

    summary = "started and not waited for: create_task against ignore_result; the caller's time, the time to done"
    in_practice = "an e-mail after a sign-up, a webhook, a line for the statistics: the answer does not wait for it"
    look_at = (
        "`caller_ms`, which your own request pays, against `done_ms`, which nobody waits for; and what is lost with "
        "the process"
    )
    Params = FireAndForgetParams
    needs = frozenset({"origin"})

    def payload(self, number: int) -> Payload:
        """What to call."""
        return {
            "url": f"{self.services.origin_url}/visit",
            "query": f"latency_ms={self.params.latency_ms:g}",
            "result": self.params.result,
        }

    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Start it; the origin tells when it has been."""
        url = f"{payload['url']}/{context.id}"
        began = context.now()
        context.start(payload | {"url": url})
        went_on = context.now()
        done = await context.visits(context.id, at_least=1, within_s=WITHIN_S + self.params.latency_ms / 1000)
        return {"caller_ms": 1000 * (went_on - began), "done_ms": [1000 * (at - began) for at in done]}

    @property
    def expected_s(self) -> float:
        """Until the origin has seen it."""
        return self.params.latency_ms / 1000

    def check(self, payload: Payload, reply: Any) -> str | None:
        """It has happened once."""
        times = len(reply["done_ms"])
        return None if times == 1 else f"expected it to happen once, it happened {times} times"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """What it costs the caller, and when it is done."""
        return {"caller_ms": reply["caller_ms"], "done_ms": reply["done_ms"][0]}


WORKLOAD = FireAndForget

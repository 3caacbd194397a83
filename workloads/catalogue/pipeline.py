"""pipeline: fetch, look up, store; each step needs the result of the previous one."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.origin_url import slow_url
from workloads.workload import Figures, Measure, Params, Payload, Workload

STEPS = 3


class PipelineParams(Params, frozen=True, kw_only=True):
    """Settings of `pipeline`."""

    latency_ms: Annotated[float, Meta(ge=0, le=60_000, description="the origin's latency in each of the 3 steps")] = (
        20.0
    )


class Pipeline(Workload[PipelineParams]):
    """An order is fetched, its customer's discount looked up, and the invoice stored."""

    summary = "fetch, look up, store, one after the other: three awaits against a chain"
    in_practice = "any import in several steps"
    look_at = "`beyond_each_step_ms`: a step is a message and a result on Celery, an await on asyncio"
    is_about = Measure("beyond_each_step_ms", "time beyond each step's own")
    Params = PipelineParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"latency_ms"})
    waits = frozenset({"latency_ms"})

    def payload(self, number: int) -> Payload:
        """The order, and the URL of the three services."""
        return {
            "order": number,
            "base_url": self.services.origin_url,
            "query": slow_url("", "", self.params.latency_ms),
        }

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The origin has stored the invoice, which it does only if it matches the two steps before."""
        expected = {"order": payload["order"], "status": "stored"}
        return None if reply == expected else f"expected {expected}, got {reply!r}"

    @property
    def origin_ms(self) -> float:
        """The latency."""
        return self.params.latency_ms

    def derive(self, figures: Figures) -> dict[str, float]:
        """Steps a second, and what each costs beyond the origin's time: messages, and waiting for a slot."""
        return {
            "steps_per_s": figures.throughput_per_s * STEPS,
            "beyond_each_step_ms": figures.mean_ms / STEPS - self.params.latency_ms,
        }

    @property
    def ideal_s(self) -> float:
        """All three steps."""
        return STEPS * self.params.latency_ms / 1000


WORKLOAD = Pipeline

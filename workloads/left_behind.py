"""Work that a caller starts and does not wait for: done once the origin has seen it."""

from typing import Annotated, Any, ClassVar, Generic, TypeVar

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext
from workloads.workload import Params, Payload

WITHIN_S = 25.0
"""For the origin to see it, beyond its own latency."""


class LeftBehindParams(Params, frozen=True, kw_only=True):
    """Settings of all such work."""

    latency_ms: Annotated[float, Meta(ge=0, le=60_000, description="the origin's latency")] = 20.0


L = TypeVar("L", bound=LeftBehindParams)


class LeftBehind(Scenario[L], Generic[L]):
    """A request of the origin, which reports when it came; the reply has the times as `done_ms`."""

    needs: ClassVar[frozenset[str]] = frozenset({"origin"})
    of_origin: ClassVar[frozenset[str]] = frozenset({"latency_ms"})
    waits: ClassVar[frozenset[str]] = frozenset({"latency_ms"})

    async def done_ms(self, context: ScenarioContext, since: float) -> list[float]:
        """When the origin was called, from then on."""
        within_s = WITHIN_S + self.params.latency_ms / 1000
        return [1000 * (at - since) for at in await context.visits(context.id, at_least=1, within_s=within_s)]

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

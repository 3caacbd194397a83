"""sleep: waits and does nothing else, as the first example of every asyncio tutorial does."""

from functools import cached_property
from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.drawing import DRAWS, exponential
from workloads.workload import Params, Payload, Workload


class SleepParams(Params, frozen=True, kw_only=True):
    """Settings of `sleep`."""

    seconds: Annotated[float, Meta(ge=0, le=3600, title="waiting", description="how long each request waits")] = 0.05
    draw: Annotated[
        Literal["fixed", "exponential"],
        Meta(description="whether all take that time, or it is the mean of times drawn"),
    ] = "fixed"


class Sleep(Workload[SleepParams]):
    """The reply is the time that it has waited."""

    summary = "waits a fixed time: asyncio.sleep against time.sleep"
    in_practice = "a slow service, without the CPU of its client"
    look_at = "throughput as a share of the ceiling, and slot overhead"
    Params = SleepParams
    waits = frozenset({"seconds"})

    def payload(self, number: int) -> Payload:
        """The time to wait."""
        if self.params.draw == "fixed":
            return {"seconds": self.params.seconds}
        # The same hundred draws repeat, so that any hundred consecutive requests take the same time in total.
        return {"seconds": self._draws[number % DRAWS] * self.params.seconds}

    @cached_property
    def _draws(self) -> list[float]:
        return exponential(str(self.seed))

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the time that was asked for."""
        return None if reply == payload["seconds"] else f"expected {payload['seconds']}, got {reply!r}"

    @property
    def ideal_s(self) -> float | None:
        """The wait itself, where it is always the same."""
        return self.params.seconds if self.params.draw == "fixed" else None


WORKLOAD = Sleep

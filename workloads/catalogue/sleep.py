"""sleep: waits, and does nothing else; the sleeper of every asyncio tutorial."""

import random
from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.workload import Params, Payload, Workload

DRAWS = 100


class SleepParams(Params, frozen=True, kw_only=True):
    """Settings of `sleep`."""

    seconds: Annotated[float, Meta(ge=0, le=3600, description="how long each request waits, in seconds")] = 0.05
    draw: Annotated[
        Literal["fixed", "exponential"],
        Meta(description="whether that time is always the same, or the mean of times drawn for each request"),
    ] = "fixed"


class Sleep(Workload[SleepParams]):
    """Waits `seconds` and replies with them."""

    summary = "waits a fixed time: asyncio.sleep against time.sleep"
    in_practice = "a slow service, without its client's CPU: the plainest way to see slots at work"
    look_at = "the share of the ceiling that is reached, and slot overhead"
    Params = SleepParams

    def payload(self, number: int) -> Payload:
        """The time to wait."""
        if self.params.draw == "fixed":
            return {"seconds": self.params.seconds}
        # A hundred draws, over and over: whichever hundred requests are measured, their times add up to the same.
        return {"seconds": random.Random(f"{self.seed}.{number % DRAWS}").expovariate(1) * self.params.seconds}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the time that was asked for."""
        return None if reply == payload["seconds"] else f"expected {payload['seconds']}, got {reply!r}"

    @property
    def ideal_s(self) -> float | None:
        """The wait itself, where it is always the same."""
        return self.params.seconds if self.params.draw == "fixed" else None


WORKLOAD = Sleep

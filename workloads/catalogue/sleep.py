"""sleep: waits, and does nothing else; the sleeper of every asyncio tutorial."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.workload import Params, Payload, Workload


class SleepParams(Params, frozen=True, kw_only=True):
    """Settings of `sleep`."""

    seconds: Annotated[float, Meta(ge=0, le=3600, description="how long each request waits, in seconds")] = 0.05


class Sleep(Workload[SleepParams]):
    """Waits `seconds` and replies with them."""

    summary = "waits a fixed time: asyncio.sleep against time.sleep"
    Params = SleepParams

    def payload(self, number: int) -> Payload:
        """The time to wait."""
        return {"seconds": self.params.seconds}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the time that was asked for."""
        return None if reply == payload["seconds"] else f"expected {payload['seconds']}, got {reply!r}"

    @property
    def ideal_s(self) -> float:
        """The wait itself."""
        return self.params.seconds


WORKLOAD = Sleep

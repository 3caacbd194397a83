"""noop: no work at all, so that what is left is the contender's own cost."""

import hashlib
from functools import cached_property
from typing import Annotated, Any

from msgspec import Meta

from workloads.workload import Measure, Params, Payload, Workload


class NoopParams(Params, frozen=True, kw_only=True):
    """Settings of `noop`."""

    payload_bytes: Annotated[int, Meta(ge=0, le=16 * 1024 * 1024, description="size of its argument")] = 0


class Noop(Workload[NoopParams]):
    """Its argument is text that compresses to half its size."""

    summary = "does nothing: the floor of each contender"
    in_practice = "nowhere"
    look_at = "`cpu_s_per_1000`, and latency of one client alone"
    is_about = Measure("cpu_s_per_1000", "CPU a request")
    Params = NoopParams

    def payload(self, number: int) -> Payload:
        """Hexadecimal digits from the seed, if any."""
        return {"data": self._data} if self.params.payload_bytes else {}

    @cached_property
    def _data(self) -> str:
        """Made once: it costs the driver more than the request does."""
        size = self.params.payload_bytes
        return hashlib.shake_128(f"{self.seed}".encode()).hexdigest((size + 1) // 2)[:size]

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is None."""
        return None if reply is None else f"expected null, got {reply!r}"

    @property
    def ideal_s(self) -> float:
        """No time."""
        return 0.0


WORKLOAD = Noop

"""mix: short jobs and a few long ones in one queue: what do the short ones wait for?"""

import math
import random
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.drawing import DRAWS, exponential
from workloads.workload import Figures, Measure, Params, Part, Payload, Workload

BLOCK = 1000
BLOCKS_KEPT = 16
SHORT, LONG = "short", "long"
Draw = Literal["fixed", "exponential"]


class MixParams(Params, frozen=True, kw_only=True):
    """Settings of `mix`."""

    short_ms: Annotated[float, Meta(ge=0.1, le=60_000, description="how long a short job takes")] = 20.0
    long_ms: Annotated[float, Meta(ge=0.1, le=600_000, description="how long a long job takes")] = 2000.0
    long_percent: Annotated[
        float, Meta(ge=0, le=99, title="the jobs being long", description="share of all jobs that are long")
    ] = 5.0
    short_draw: Annotated[Draw, Meta(description="whether all take that time, or it is the mean of times drawn")] = (
        "fixed"
    )
    long_draw: Annotated[Draw, Meta(description="the same for long jobs")] = "fixed"

    def __post_init__(self) -> None:
        if self.long_ms < self.short_ms:
            raise ValueError(f"a long job takes {self.long_ms:g} ms, and a short one more: {self.short_ms:g} ms")


class Mix(Workload[MixParams]):
    """Jobs wait and do nothing else; which ones are long follows from the seed.

    With Celery's setting `2-queues`, long ones have a queue of their own, and a worker with half the slots. There is no
    ceiling: a window holds few long jobs. `short_slowdown_times`: mean latency of short jobs ÷ what they take alone;
    `short_p50_…` and `short_p99_…`: the same of percentiles.
    """

    summary = "95 % of 20 ms and 5 % of 2 s in one queue: how much slower are the short ones?"
    in_practice = "thumbnails behind videos, a webhook behind a report"
    look_at = (
        "`short_slowdown_times` by slots and prefetch, under an open load; at `long_percent` 0, it is the "
        "contender's own"
    )
    is_about = Measure("short_slowdown_times", "slowdown of short jobs", least=1.0)
    Params = MixParams
    waits = frozenset({"short_ms", "long_ms"})

    def payload(self, number: int) -> Payload:
        """The time to wait, and the kind, by which a caller chooses a queue."""
        part = self.part(number)
        return {"seconds": part.alone_s, "kind": part.name}

    def part(self, number: int) -> Part:
        """Short or long, and the time that it takes."""
        return self._block(number // BLOCK)[number % BLOCK]

    @cached_property
    def _block(self) -> Callable[[int], list[Part]]:
        """The jobs of a thousand requests; the last ones are kept, because requests end in another order."""
        return lru_cache(BLOCKS_KEPT)(self._drawn)

    def _drawn(self, block: int) -> list[Part]:
        longs, draw = self._longs_before(block), random.Random(f"{self.seed}.mix.{block}")
        shorts = block * BLOCK - longs
        places = set(draw.sample(range(BLOCK), self._longs_before(block + 1) - longs))
        parts = []
        for place in range(BLOCK):
            if place in places:
                parts.append(Part(LONG, self._times[LONG][longs % DRAWS]))
                longs += 1
            else:
                parts.append(Part(SHORT, self._times[SHORT][shorts % DRAWS]))
                shorts += 1
        return parts

    def _longs_before(self, block: int) -> int:
        """Long jobs in all blocks before that one."""
        return math.floor(block * BLOCK * self.params.long_percent / 100 + self._offset)

    @cached_property
    def _offset(self) -> float:
        """So that a share that is no whole number of a thousand is rounded up in other blocks with each seed."""
        return random.Random(f"{self.seed}.mix").random()

    @cached_property
    def _times(self) -> dict[str, list[float]]:
        """Kind → the times of a hundred jobs of it, in seconds, which repeat."""
        return {
            SHORT: self._times_of(SHORT, self.params.short_ms, self.params.short_draw),
            LONG: self._times_of(LONG, self.params.long_ms, self.params.long_draw),
        }

    def _times_of(self, kind: str, mean_ms: float, draw: Draw) -> list[float]:
        drawn = exponential(f"{self.seed}.{kind}") if draw == "exponential" else [1.0] * DRAWS
        return [mean_ms * value / 1000 for value in drawn]

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the time that was asked for."""
        return None if reply == payload["seconds"] else f"expected {payload['seconds']}, got {reply!r}"

    def derive(self, figures: Figures) -> dict[str, float]:
        """How much slower jobs of each kind were than alone, and the percentiles of the short ones."""
        found = {}
        for kind in (SHORT, LONG):
            if (part := figures.parts.get(kind)) is None:
                continue
            for name, times in part.slowdown.items():
                found[f"{kind}_slowdown_times" if name == "mean" else f"{kind}_{name}_slowdown_times"] = times
            for name, value_ms in zip(("p50", "p99"), part.latency_ms[1:], strict=True):
                if value_ms is not None:
                    found[f"{kind}_{name}_ms"] = value_ms
        return found

    @property
    def ideal_s(self) -> float:
        """The mean of both kinds, by their shares."""
        params = self.params
        return (params.short_ms + (params.long_ms - params.short_ms) * params.long_percent / 100) / 1000

    @property
    def expected_s(self) -> float:
        """The first one may be a long one."""
        return max(*self._times[SHORT], *self._times[LONG])


WORKLOAD = Mix

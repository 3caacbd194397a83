"""mix: short jobs and longer ones in one queue: what do the short ones wait for?"""

import itertools
import math
import random
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import Annotated, Any

from msgspec import Meta

from workloads.drawing import BY_NAME, DRAWS
from workloads.manifest import Kind, kinds_of, written
from workloads.workload import Figures, Measure, Params, Part, Payload, Workload

BLOCK = 1000
BLOCKS_KEPT = 16


class MixParams(Params, frozen=True, kw_only=True):
    """Settings of `mix`."""

    jobs: Annotated[
        str,
        Meta(
            max_length=500,
            description="kinds of job: the share, the time, and whether that is fixed (as here) or the mean of an "
            "exponential or lognormal distribution",
        ),
    ] = "95%:20ms,5%:2s"

    def __post_init__(self) -> None:
        kinds_of(self.jobs)


class Mix(Workload[MixParams]):
    """Jobs wait and do nothing else; of which kind each is, and how long it takes, follows from the seed.

    By their times, kinds are called `short`, `medium` and `long`; several between are `medium_1`, `medium_2` and so on
    (`--set mix.jobs=90%:20ms,9%:500ms:exponential,1%:10s:lognormal`). `short_slowdown_times`: mean latency of short
    jobs ÷ what they take alone; `short_p50_…` and `short_p99_…`: the same of percentiles. With Celery's setting
    `2-queues` or `3-queues`, kinds have queues of their own, each with a worker and its part of the slots; the last
    queue has all longer kinds. There is no ceiling: a window holds few long jobs.
    """

    summary = "95 % of 20 ms and 5 % of 2 s in one queue: how much slower are the short ones?"
    in_practice = "thumbnails behind videos, a webhook behind a report"
    look_at = (
        "`short_slowdown_times` by slots and prefetch, under an open load; with `jobs=100%:20ms`, it is the "
        "contender's own"
    )
    is_about = Measure("short_slowdown_times", "slowdown of short jobs", least=1.0)
    Params = MixParams
    waits = frozenset({"jobs"})

    @classmethod
    def shortened(cls, key: str, value: Any, times: int) -> tuple[Any, float]:
        """Each kind takes so many times less."""
        kinds = [kind._replace(mean_s=kind.mean_s / times) for kind in kinds_of(value)]
        return written(kinds), kinds[0].mean_s

    def payload(self, number: int) -> Payload:
        """The time to wait, and the kind's place by its time, by which a caller chooses a queue."""
        part = self.part(number)
        return {"seconds": part.alone_s, "rank": self._ranks[part.name]}

    @property
    def kinds(self) -> int:
        """As many as the manifest has."""
        return len(self._kinds)

    def part(self, number: int) -> Part:
        """Of which kind it is, and the time that it takes."""
        return self._block(number // BLOCK)[number % BLOCK]

    @cached_property
    def _kinds(self) -> list[Kind]:
        return kinds_of(self.params.jobs)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {kind.name: rank for rank, kind in enumerate(self._kinds)}

    @cached_property
    def _usual(self) -> Kind:
        """The kind with the largest share: what the others leave of a block."""
        return max(self._kinds, key=lambda kind: kind.percent)

    @cached_property
    def _block(self) -> Callable[[int], list[Part]]:
        """The jobs of a thousand requests; the last ones are kept, because requests end in another order."""
        return lru_cache(BLOCKS_KEPT)(self._drawn)

    def _drawn(self, block: int) -> list[Part]:
        before, after = self._before(block), self._before(block + 1)
        of_place = dict.fromkeys(range(BLOCK), self._usual.name)
        places = iter(random.Random(f"{self.seed}.mix.{block}").sample(range(BLOCK), BLOCK))
        for name in self._offsets:
            of_place |= dict.fromkeys(itertools.islice(places, after[name] - before[name]), name)
        times = {name: self._times_from(name, begin) for name, begin in before.items()}
        return [Part(name, next(times[name])) for name in of_place.values()]

    def _before(self, block: int) -> dict[str, int]:
        """Kind → jobs of it in all blocks before that one."""
        requests = block * BLOCK
        percents = {kind.name: kind.percent for kind in self._kinds}
        found = {name: math.floor(requests * percents[name] / 100 + offset) for name, offset in self._offsets.items()}
        return found | {self._usual.name: requests - sum(found.values())}

    @cached_property
    def _offsets(self) -> dict[str, float]:
        """So that a share that is no whole number of a thousand is rounded up in other blocks with each seed."""
        others = [kind.name for kind in self._kinds if kind is not self._usual]
        return {name: random.Random(f"{self.seed}.mix.{name}").random() for name in others}

    def _times_from(self, name: str, begin: int) -> Iterator[float]:
        """The times of that kind's jobs, from that one on."""
        times = self._times[name]
        return (times[number % DRAWS] for number in itertools.count(begin))

    @cached_property
    def _times(self) -> dict[str, list[float]]:
        """Kind → the times of a hundred jobs of it, in seconds, which repeat."""
        return {
            kind.name: [kind.mean_s * value for value in BY_NAME[kind.draw](f"{self.seed}.{kind.name}")]
            for kind in self._kinds
        }

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the time that was asked for."""
        return None if reply == payload["seconds"] else f"expected {payload['seconds']}, got {reply!r}"

    def derive(self, figures: Figures) -> dict[str, float]:
        """How much slower jobs of each kind were than alone, and percentiles of their latency."""
        found = {}
        for kind in self._kinds:
            if (part := figures.parts.get(kind.name)) is None:
                continue
            for name, times in part.slowdown.items():
                found[f"{kind.name}_slowdown_times" if name == "mean" else f"{kind.name}_{name}_slowdown_times"] = times
            for name, value_ms in zip(("p50", "p99"), part.latency_ms[1:], strict=True):
                if value_ms is not None:
                    found[f"{kind.name}_{name}_ms"] = value_ms
        return found

    @property
    def ideal_s(self) -> float:
        """The mean of all kinds, by their shares."""
        return math.fsum(kind.percent * kind.mean_s for kind in self._kinds) / 100

    @property
    def expected_s(self) -> float:
        """The first one may be the longest."""
        return max(itertools.chain.from_iterable(self._times.values()))


WORKLOAD = Mix

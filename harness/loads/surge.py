"""surge:R/s*F[:TIME]: arrivals at a rate, F times as many for a time, then the rate again until what waits is gone."""

import asyncio
import math
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.loads.load import Load, LoadFigures, Measuring, plainly
from harness.loads.open import Pacer
from harness.machine.clock import NS
from harness.results.model import Surge as Seen
from harness.statistics.units import PER_SECOND, quantity, seconds

if TYPE_CHECKING:
    from harness.recording.folded import Folded

USUAL = "2s"
SAMPLE_S = 0.01
WATCHED_TIMES, WATCHED_MOST_S = 10, 600.0
"""It is given so many times the length of the surge to recover, for each time by which the rate was raised; beyond ten
minutes, no more than so many times the length."""
USUAL_RATE, ENDED, RECOVERED, WATCHED = "usual_rate", "surge_ended", "recovered", "watched"


class Surge(Load):
    """What more than can be served leaves behind: how much waits, and how long until it is gone."""

    summary = "a rate, F times as much for a time (2 s), then the rate again: the peak, and the time to recover"
    syntax = "surge:R/s*F"
    kind = "surge"
    whole = True

    def __init__(self, rate_per_s: float, factor: float, lasts_s: float) -> None:
        self.rate_per_s = rate_per_s
        self.factor = factor
        self.lasts_s = lasts_s

    @classmethod
    def parse(cls, text: str, where: str) -> "Surge":
        """`R/s*F` or `R/s*F:TIME`."""
        rates, colon, time = text.partition(":")
        rate_text, _, factor_text = rates.partition("*")
        rate, factor = quantity(rate_text, PER_SECOND), quantity(f"{factor_text}x", {"x": 1.0})
        if not rate or factor is None or not (rate > 0 and 1 < factor <= 1000 and rate * factor <= 1_000_000):
            raise UsageError(
                f"{where}: expected {cls.syntax}[:TIME] with a factor above 1 (up to 1000 times, and to 1000000/s), "
                f"such as surge:50/s*4 or surge:50/s*4:5s; got {text!r}."
            )
        return cls(rate, factor, seconds(time if colon else USUAL, where))

    @property
    def text(self) -> str:
        """As it is written."""
        return f"surge:{plainly(self.rate_per_s)}/s*{plainly(self.factor)}:{plainly(self.lasts_s)}s"

    def settings(self) -> dict[str, Any]:
        """Its rate, by how much it is raised, and for how long."""
        return {"rate_per_s": self.rate_per_s, "factor": self.factor, "lasts_s": self.lasts_s}

    def expected_s(self, service_s: float, slots: int | None) -> float:
        """As long as it may take to recover."""
        return service_s + self._watched_s

    @property
    def takes_s(self) -> float:
        """As long at the rate as it lasts, and the surge."""
        return 2 * self.lasts_s

    @property
    def _watched_s(self) -> float:
        most_s = max(WATCHED_MOST_S, WATCHED_TIMES * self.lasts_s)
        return min(most_s, WATCHED_TIMES * self.factor * self.lasts_s)

    async def run(self, trial: Measuring) -> None:
        """As long at the rate as the surge lasts, the surge, then the rate until no more waits than before it."""
        async with trial.whole_window():
            pacer = Pacer(trial, self.gaps_ns(trial.seed))
            pacer.go_on()
            usual = await self._most_under_way(trial, self.lasts_s)
            trial.read_memory(USUAL_RATE)
            await self._most_under_way(trial, self.lasts_s)
            trial.mark(ENDED)
            trial.read_memory(ENDED)
            if await self._recovers(trial, max(1, usual)):
                trial.mark(RECOVERED)
            trial.mark(WATCHED)
            await pacer.end()

    async def _most_under_way(self, trial: Measuring, lasts_s: float) -> int:
        """The most requests under way in that time."""
        ends, most = trial.issuer.clock.now() + int(lasts_s * NS), 0
        while trial.issuer.clock.now() < ends and trial.issuer.accepting:
            await asyncio.sleep(SAMPLE_S)
            most = max(most, trial.issuer.under_way)
        return most

    async def _recovers(self, trial: Measuring, usual: int) -> bool:
        """Whether no more is under way than at the usual rate, before it is no longer watched."""
        ends = trial.issuer.clock.now() + int(self._watched_s * NS)
        while trial.issuer.under_way > usual:
            if trial.issuer.clock.now() > ends or not trial.issuer.accepting:
                return False
            await asyncio.sleep(SAMPLE_S)
        return True

    def gaps_ns(self, seed: int) -> Iterator[int]:
        """Between arrivals, at random from the seed, in ns, without end.

        So many arrivals are expected until the next one as a draw says: a gap at the usual rate ends early where the
        surge begins within it.
        """
        draw, at_s = random.Random(seed).expovariate, 0.0
        while True:
            before_s, left = at_s, draw(1.0)
            while (held := self._rate_at(at_s) * (self._same_until(at_s) - at_s)) < left:
                at_s, left = self._same_until(at_s), left - held
            at_s += left / self._rate_at(at_s)
            yield round((at_s - before_s) * NS)

    def _rate_at(self, at_s: float) -> float:
        return self.rate_per_s * (self.factor if self.lasts_s <= at_s < 2 * self.lasts_s else 1.0)

    def _same_until(self, at_s: float) -> float:
        """Until when the rate stays as it is then."""
        return next((edge_s for edge_s in (self.lasts_s, 2 * self.lasts_s) if at_s < edge_s), math.inf)

    def figures(self, fold: "Folded", marks: dict[str, int], slots: int | None) -> LoadFigures:
        """What was served over the whole of it; how much waited at the most, and how long until that was gone."""
        if ENDED not in marks or WATCHED not in marks:
            return LoadFigures(throughput_per_s=None)
        recovered = marks.get(RECOVERED)
        return LoadFigures(
            throughput_per_s=fold.throughput_per_s,
            surge=Seen(
                peak=int(fold.backlog.max()),
                recovered_s=None if recovered is None else (recovered - marks[ENDED]) / NS,
                watched_s=(marks[WATCHED] - marks[ENDED]) / NS,
            ),
            completed=fold.counts.ok,
        )


LOAD = Surge

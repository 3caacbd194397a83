"""open:R/s: requests arrive at a rate, whatever the replies do; latency runs from when each was due."""

import asyncio
import itertools
import math
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from harness.errors import UsageError, WorkbenchError
from harness.loads.load import Load, LoadFigures, Measuring, plainly
from harness.loads.shared.issuing import all_ended
from harness.loads.shared.rest import in_flight_at_rest
from harness.machine.clock import NS
from harness.statistics import doubts
from harness.statistics.metrics import MEDIAN_LATENCY, P99_LATENCY
from harness.statistics.units import PER_SECOND, quantity

if TYPE_CHECKING:
    from harness.recording.folded import Folded

ARRIVALS = ("poisson", "uniform")
AT_ONCE = 32
"""Requests begun before the event loop comes round again: else a rate beyond the driver's means would block it. To
publish one takes 10 ms on a machine that is busy."""
BEHIND_LEAST_NS = 10 * NS
"""A driver that stood still for a moment catches up; one that is further behind than this, and than a request may take,
does not."""
DRIFT_LEAST = 1000
"""Random arrivals make the halves of fewer requests differ by chance."""
GROWTH_SHARE_LEAST = 0.05
"""Share of all arrivals by which a backlog must have grown to be called growing."""
GROWTH_CHANCE = 1.5
"""And as many times the square root of the arrivals: by so much a queue wanders by chance where nothing is wrong."""


class Open(Load):
    """Arrivals at `rate_per_s`: due times come from the seed alone, so a slow reply delays no other request."""

    summary = "R requests a second, Poisson arrivals (open:R/s:uniform for even ones)"
    syntax = "open:R/s"
    kind = "open"
    steady = True
    arrives = True
    ranked = (MEDIAN_LATENCY.key, P99_LATENCY.key)

    def __init__(self, rate_per_s: float, arrivals: str = "poisson", phase: float = 0.0) -> None:
        """`phase`: by what part of a gap even arrivals are later, so that those of several drivers take turns."""
        self.rate_per_s = rate_per_s
        self.arrivals = arrivals
        self._phase = phase

    @classmethod
    def parse(cls, text: str, where: str) -> "Open":
        """`R/s`, `R/s:poisson` or `R/s:uniform`; the part of one of several drivers has a phase: `R/s:uniform+0.5`."""
        rate_text, colon, given = text.partition(":")
        rate = quantity(rate_text, PER_SECOND) or 0.0
        arrivals, sign, phase_text = (given if colon else "poisson").partition("+")
        phase = quantity(f"{phase_text}x", {"x": 1.0}) if sign and arrivals == "uniform" else 0.0
        is_part = not sign or (phase is not None and 0 < phase < 1)
        if not 0 < rate <= 1_000_000 or arrivals not in ARRIVALS or phase is None or not is_part:
            raise UsageError(
                f"{where}: expected open:R/s with a rate above 0 (up to 1000000), such as open:500/s "
                f"or open:500/s:uniform; got {text!r}."
            )
        return cls(rate, arrivals, phase)

    @property
    def text(self) -> str:
        """As it is written."""
        phase = f"+{plainly(self._phase)}" if self._phase else ""
        return f"open:{plainly(self.rate_per_s)}/s" + (f":uniform{phase}" if self.arrivals == "uniform" else "")

    def share(self, index: int, drivers: int) -> "Open":
        """An equal part of the rate: Poisson arrivals of several together are Poisson ones, even ones take turns."""
        return Open(self.rate_per_s / drivers, self.arrivals, index / drivers if self.arrivals == "uniform" else 0.0)

    def settings(self) -> dict[str, Any]:
        """Its rate and how arrivals are drawn."""
        return {"rate_per_s": self.rate_per_s, "arrivals": self.arrivals}

    def expected_s(self, service_s: float, slots: int | None) -> float:
        """The service time: a load that can be sustained has no long queue."""
        return service_s

    def gaps_ns(self, seed: int) -> Iterator[int]:
        """Time from each due time to the next, in ns, without end."""
        mean_ns = NS / self.rate_per_s
        if self.arrivals == "uniform":
            yield round(mean_ns * (1 + self._phase))
            while True:
                yield round(mean_ns)
        draw, log = random.Random(seed).random, math.log
        while True:
            yield round(-log(1.0 - draw()) * mean_ns)

    async def run(self, trial: Measuring) -> None:
        """Start each request when it is due; one that is late starts at once, and none is left out."""
        pacer = Pacer(trial, self.gaps_ns(trial.seed))
        pacer.go_on()
        await trial.steady_window(in_flight_at_rest(trial.issuer, trial.service_s))
        await pacer.end()

    def figures(self, fold: "Folded", marks: dict[str, int], slots: int | None) -> LoadFigures:
        """Those of arrivals; their rate has no trend."""
        figures = figures_of_arrivals(fold, self.rate_per_s)
        drift = doubts.of_drift(fold.drift if fold.counts.ok >= DRIFT_LEAST else None)
        return msgspec.structs.replace(figures, doubts=[*figures.doubts, *drift])


class Pacer:
    """Begins requests when they are due, straight from the clock's timer."""

    def __init__(self, trial: Measuring, gaps_ns: Iterator[int]) -> None:
        self._trial = trial
        self._issuer = trial.issuer
        self._clock = trial.issuer.clock
        self._gaps_ns = gaps_ns
        self._began_ns = self._clock.now()
        self._due_ns = self._began_ns + next(gaps_ns)
        self._behind_most_ns = max(BEHIND_LEAST_NS, self._issuer.deadline_ns)
        self._gave_up: str | None = None
        self._under_way: set[asyncio.Task[Any] | None] = set()

    def go_on(self) -> None:
        """Begin what is due, and come again when the next one is: at once where there is too much at a time."""
        for _ in range(AT_ONCE):
            if not self._issuer.accepting:
                return
            if self._due_ns > self._clock.now():
                break
            if self._is_hopeless():
                return
            self._begin()
        self._clock.call_at(self._due_ns, self.go_on)

    def _is_hopeless(self) -> bool:
        """Whether what is due would begin after its deadline: then the load ends, and the trial with it."""
        behind_ns = self._clock.now() - self._due_ns
        if behind_ns <= self._behind_most_ns:
            return False
        begun = self._issuer.issued
        per_s, asked_per_s = (begun * NS / max(1, end - self._began_ns) for end in (self._clock.now(), self._due_ns))
        self._gave_up = (
            f"the driver was {behind_ns / NS:.3g} s late to begin requests, longer than one may take: it began "
            f"{per_s:,.3g} of {asked_per_s:,.3g} a second. Use a lower rate or more drivers (--drivers), or, on the "
            "Celery side, +lean-producer."
        )
        self._issuer.abandon()
        return True

    def _begin(self) -> None:
        self._under_way.add(asyncio.create_task(self._request(self._due_ns)))
        self._due_ns += next(self._gaps_ns)

    async def _request(self, due_ns: int) -> None:
        """Takes itself off: a callback of the task would be another round of the loop."""
        task = asyncio.current_task()
        try:
            if not self._issuer.full:
                await self._issuer.issue(due_ns, task)
        finally:
            self._under_way.discard(task)

    async def end(self) -> None:
        """Begin what was due before the window closed, and wait for all that is under way.

        Raises WorkbenchError where the driver was too late to begin them.
        """
        self._clock.call_off()
        for number in itertools.count(1):
            if self._due_ns >= self._trial.closed_ns or self._gave_up or self._is_hopeless():
                break
            self._begin()
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        await all_ended([task for task in self._under_way if task is not None])
        if self._gave_up:
            raise WorkbenchError(self._gave_up)


def figures_of_arrivals(fold: "Folded", rate_per_s: float) -> LoadFigures:
    """Latency is what they show; the throughput is the rate, unless the backlog grew."""
    rate = fold.throughput_per_s
    return LoadFigures(
        throughput_per_s=rate,
        sustained_per_s=rate,
        doubts=[
            *doubts.of_growth(grows(fold.backlog.tolist(), fold.counts.submitted), rate_per_s, rate),
            *doubts.of_pacing(fold.stages()),
        ],
    )


def grows(backlog: list[int], arrivals: int) -> bool:
    """Whether a backlog, at evenly spaced moments of a window, grew from quarter to quarter, and by more than chance.

    A queue that can be worked off wanders up and down; one that cannot grows by a share of all arrivals.
    """
    size = len(backlog) // 4
    quarters = [sum(backlog[part * size : (part + 1) * size]) / size for part in range(4)]
    growth = (quarters[3] - quarters[0]) * 4 / 3
    steadily = all(before < after for before, after in itertools.pairwise(quarters))
    return steadily and growth > max(GROWTH_SHARE_LEAST * arrivals, GROWTH_CHANCE * math.sqrt(arrivals))


LOAD = Open

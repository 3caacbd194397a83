"""replay:FILE[*SPEED]: arrivals at the times that a file has; latency runs from when each was due."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.loads.load import Load, LoadFigures, Measuring, plainly
from harness.loads.open import Open, Pacer, figures_of_arrivals
from harness.loads.shared.arrivals import US, Arrivals, replayed
from harness.machine.clock import NS
from harness.machine.deadline import in_time
from harness.statistics.units import quantity

if TYPE_CHECKING:
    from harness.recording.folded import Folded

SPEED_LEAST, SPEED_MOST = 0.001, 100_000.0
BEYOND_S = 0.001
"""The window ends so long after the last arrival: timers may end a wait a little too soon."""
NEVER_NS = 30 * 86_400 * NS
"""After the last arrival."""


class Replay(Load):
    """Yesterday's traffic on both sides: each request is due when the file says, whatever the replies do.

    The file is read where the plan is made. A driver is given the times, never the file.
    """

    summary = "arrivals at the timestamps of a file (CSV or JSON lines), SPEED times as fast"
    syntax = "replay:FILE[*SPEED]"
    kind = "replay"
    arrives = True
    from_file = True
    ranked = Open.ranked

    def __init__(self, path: str, speed: float = 1.0) -> None:
        self.path = path
        self.speed = speed

    @classmethod
    def parse(cls, text: str, where: str) -> "Replay":
        """`FILE` or `FILE*SPEED`; the file is not opened."""
        path, sign, given = text.rpartition("*")
        speed = quantity(f"{given}x", {"x": 1.0}) if sign else 1.0
        path = path if sign else text
        if not path or speed is None or not SPEED_LEAST <= speed <= SPEED_MOST:
            raise UsageError(
                f"{where}: expected {cls.syntax} with a speed from {SPEED_LEAST:g} to {SPEED_MOST:.0f}, such as "
                f"replay:requests.csv or replay:requests.jsonl*60; got {text!r}."
            )
        return cls(path, speed)

    @property
    def text(self) -> str:
        """As it is written."""
        return f"replay:{self.path}" + (f"*{plainly(self.speed)}" if self.speed != 1.0 else "")

    @property
    def _arrivals(self) -> Arrivals:
        """Of the file, checked; raises UsageError."""
        return replayed(self.path, self.speed)

    def prepare(self, where: str) -> None:
        """Read the file, and check it; raises UsageError."""
        try:
            _ = self._arrivals
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None

    def gaps_us(self) -> list[int]:
        """From each arrival to the next, as it is replayed; they add up to no rounding."""
        due_us = [round(offset / self.speed) for offset in self._arrivals.offsets_us]
        return [after - before for before, after in itertools.pairwise(due_us)]

    @property
    def takes_s(self) -> float:
        """From the first arrival to the last."""
        return self._arrivals.offsets_us[-1] / US / self.speed

    @property
    def rate_per_s(self) -> float:
        """That many arrive on average."""
        return len(self._arrivals.offsets_us) / self.takes_s

    def settings(self) -> dict[str, Any]:
        """How many there are, at which rate on average, and from which file they came."""
        found = self._arrivals
        return {
            "requests": len(found.offsets_us),
            "rate_per_s": self.rate_per_s,
            "lasts_s": self.takes_s,
            "speed": self.speed,
            "file_sha256": found.sha256,
        }

    def at_most(self, requests: int | None) -> int:
        """All of the file's, whatever the run asks for."""
        return len(self._arrivals.offsets_us)

    def expected_s(self, service_s: float, slots: int | None) -> float:
        """The service time, as in an open load."""
        return service_s

    async def run(self, trial: Measuring) -> None:
        """Start each request when it is due; the window closes at the last one, and all are waited for."""
        await trial.warm_up()
        lasts_s = sum(trial.gaps_us) / US
        async with trial.whole_window():
            pacer = Pacer(trial, gaps_ns(trial.gaps_us))
            pacer.go_on()
            with suppress(TimeoutError):  # an abort ends it before its time
                await in_time(lasts_s + BEYOND_S, trial.issuer.stopped())
        await pacer.end()

    def figures(self, fold: "Folded", marks: dict[str, int], slots: int | None) -> LoadFigures:
        """Latency is what it shows; the throughput is the mean rate, unless more and more waited until the end."""
        return figures_of_arrivals(fold, self.rate_per_s)


def gaps_ns(gaps_us: list[int]) -> Iterator[int]:
    """The first is due at once; after the last one, none is for as long as a trial may take."""
    yield 0
    for gap_us in gaps_us:
        yield gap_us * 1000
    while True:
        yield NEVER_NS


LOAD = Replay

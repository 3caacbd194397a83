"""What would have to be true for the other choice: from which rate, and from which share of computing. Pure functions.

Both go beyond what was measured. The first takes the CPU of a request to be the same at every rate. The second takes
computing to cost one core of asyncio and all cores of processes, and leaves out all but CPU.
"""

from statistics import fmean, stdev
from typing import NamedTuple

from harness.results.model import Cell
from harness.statistics.deciding.figures import Figures, Known
from harness.statistics.intervals import by_boot
from harness.statistics.metrics import CPU
from harness.statistics.student import t_quantile


class Saving(NamedTuple):
    """CPU-seconds that asyncio saves with each request, and the rate from which that is a whole core."""

    cpu_s: Known
    from_per_s: Known | None
    """None where the interval of the saving includes 0."""


def saving(base: Cell, other: Cell) -> Saving | None:
    """Of asyncio (`base`) against Celery; pair by pair over the rounds, then over boots. None without a pair."""
    of_base, of_other = _by_round(base), _by_round(other)
    pairs = [(where[0], (of_other[where] - of_base[where]) / 1000) for where in of_base if where in of_other]
    boots = [fmean(values) for values in _boots(pairs)]
    samples = boots if len(boots) > 1 else [value for _, value in pairs]
    if not samples:
        return None
    centre = fmean(samples)
    if len(samples) < 2:
        return Saving(Known(centre), Known(1 / centre) if centre > 0 else None)
    half = t_quantile(len(samples) - 1, 0.05) * stdev(samples, centre) / len(samples) ** 0.5
    saved = Known(centre, (centre - half, centre + half))
    if centre - half <= 0:
        return Saving(saved, None)
    return Saving(saved, Known(1 / centre, (1 / (centre + half), 1 / (centre - half))))


def _by_round(cell: Cell) -> dict[tuple[int, int], float]:
    measured = (trial for trial in cell.trials if trial.status == "measured")
    figures = ((trial.boot, trial.round, CPU.of_trial(trial)) for trial in measured)
    return {(boot, number): figure for boot, number, figure in figures if figure}


def _boots(pairs: list[tuple[int, float]]) -> list[list[float]]:
    return by_boot(pairs)


class Computing(NamedTuple):
    """From which amount of computing a request has processes serve more than asyncio's one core."""

    already: bool
    """Whether they do so with the computing that the job has now."""
    cpu_s: float
    """CPU-seconds of a request on asyncio, its own cost included, from which they do."""
    share: float
    """That as a share of the time that a request then takes alone."""
    share_now: float


def computing(figures: Figures) -> Computing | None:
    """None on a single core, where processes have nothing to gain, or where the CPU is not known.

    With x CPU-seconds more of computing a request, asyncio serves 1 ÷ (a + x) a second and processes C ÷ (c + x), for
    C cores and CPU-seconds a and c of a request; a is without commands that the job runs. Equal at
    x = (c − C·a) ÷ (C − 1).
    """
    base, other, cores = figures.asyncio, figures.celery, figures.cores
    if base is None or other is None or cores <= 1 or not (base.cpu_s and other.cpu_s and base.alone_s):
        return None
    a, c, alone_s = base.loop_share * base.cpu_s.value, other.cpu_s.value, base.alone_s
    more = (c - cores * a) / (cores - 1)
    if not alone_s:
        return None
    return Computing(
        already=more <= 0,
        cpu_s=a + max(0.0, more),
        share=min(1.0, (a + max(0.0, more)) / (alone_s + max(0.0, more))),
        share_now=min(1.0, a / alone_s),
    )

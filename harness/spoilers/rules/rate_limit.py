"""The task's own `rate_limit`: a worker begins no more of them, whatever it could serve."""

from collections.abc import Iterator
from typing import Any

from harness.results.model import Cell, Spoiler, Trial
from harness.spoilers.options import option, place_of
from harness.spoilers.rule import Rule, Seen

DECIDES = 0.9
"""Share of the limit from which arrivals meet it."""
SERVED_LEAST = 0.75
"""Of the limit; where less was served, and nothing was lost, something else was in the way."""
PER = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


class RateLimit(Rule):
    """By what the load asked for, and what was served."""

    kind = "rate-limit"

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """In a trial that would have gone beyond it."""
        cell, trial = seen.cell, seen.trial
        written, most_per_s = option(cell, "rate_limit"), begun_most_per_s(cell)
        if not most_per_s or not _meets(cell, trial, most_per_s):
            return
        served = f"; {trial.throughput_per_s:,.3g}/s were served" if trial.throughput_per_s else ""
        lost = f", and {trial.lost} of {trial.submitted} requests had no answer in time" if trial.lost else ""
        yield Spoiler(
            kind=self.kind,
            side="celery",
            text=f"rate_limit={written} lets a worker begin {most_per_s:,.3g} tasks a second, under {cell.load.text} "
            f"too{served}{lost}",
            place=place_of(seen, "rate_limit"),
            advice="raise it, or start more workers, each of which has it for itself; what Celery could serve without "
            "it is not seen here",
        )


def begun_most_per_s(cell: Cell) -> float:
    """How many of its task the cell's workers begin a second, at the most; 0 where nothing limits them."""
    return per_second(option(cell, "rate_limit")) * max(1, len(cell.workers))


def per_second(written: Any) -> float:
    """`10/m` as a number; 0 where there is no limit."""
    number, _, unit = str(written or "").partition("/")
    try:
        return float(number) / PER[unit]
    except (ValueError, KeyError):
        return 0.0


def _meets(cell: Cell, trial: Trial, most_per_s: float) -> bool:
    if cell.load.rate_per_s is not None:
        return cell.load.rate_per_s >= DECIDES * most_per_s
    served = trial.throughput_per_s
    if trial.lost or not served:
        return True
    execution = trial.stages_ms.execution if trial.stages_ms else None
    wanted_per_s = most_per_s
    if cell.load.clients is not None and execution is not None and execution.mean:
        wanted_per_s = 1000 * cell.load.clients / execution.mean
    return wanted_per_s >= DECIDES * most_per_s and served >= SERVED_LEAST * most_per_s


RULE = RateLimit()

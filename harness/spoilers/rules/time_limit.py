"""A time limit of the task that is shorter than its work; or one that the pool does not keep."""

from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.options import failed_with, option, place_of, set_options
from harness.spoilers.rule import Rule, Seen

NAMES = ("time_limit", "soft_time_limit", "task_time_limit", "task_soft_time_limit")


class TimeLimit(Rule):
    """By requests that were ended; and by executions that were longer than it, and were not."""

    kind = "time-limit"

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """In any trial of workers."""
        cell, trial = seen.cell, seen.trial
        if cell.side != "celery":
            return
        ended = failed_with(trial, "TimeLimitExceeded", "SoftTimeLimitExceeded")
        written = set_options(cell, "time_limit", "soft_time_limit") or "a time limit of the application"
        if ended:
            text = f"{ended} of {max(ended, trial.submitted)} requests under {cell.load.text} were ended by {written}"
            yield self._spoiler(seen, text, "allow for the time that the work takes under load")
            return
        limits = [float(value) for name in NAMES[:2] if isinstance(value := option(cell, name), int | float)]
        took = trial.stages_ms.execution if trial.stages_ms else None
        if limits and took is not None and took.mean > 1000 * min(limits):
            text = f"{cell.label} does not keep {written}: executions took {took.mean / 1000:,.3g} s"
            yield self._spoiler(seen, text, "only prefork keeps both limits, and gevent the hard one")

    def _spoiler(self, seen: Seen, text: str, advice: str) -> Spoiler:
        return Spoiler(kind=self.kind, side="celery", text=text, place=place_of(seen, *NAMES), advice=advice)


RULE = TimeLimit()

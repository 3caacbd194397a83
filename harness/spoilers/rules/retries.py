"""A task that is tried again where it fails: more executions than requests, and answers that come after a delay."""

import ast
from collections.abc import Iterator

from harness.results.model import Spoiler, Trial
from harness.spoilers.options import place_of, set_options
from harness.spoilers.rule import Rule, Seen
from harness.spoilers.source import Source, calls_in
from harness.statistics.doubts import UNSUSTAINABLE

OPTIONS = ("autoretry_for", "max_retries", "default_retry_delay", "retry_backoff", "retry_jitter")


class Retries(Rule):
    """By executions beyond the requests; and by requests without an answer, of a task that is tried again."""

    kind = "retries"

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """In any trial of workers whose task may be tried again."""
        cell, trial = seen.cell, seen.trial
        options, at = set_options(cell, *OPTIONS), _retried_at(seen.source("celery"))
        if cell.side != "celery" or not (options or at):
            return
        parts = list(_parts(trial))
        if not parts:
            return
        yield Spoiler(
            kind=self.kind,
            side="celery",
            text=f"under {cell.load.text}, {' and '.join(parts)} ({options or 'self.retry'}); the coroutine tries once",
            place=at or place_of(seen, *OPTIONS),
            advice="let the coroutine try again in the same way, or compare both without; a delay between attempts "
            "that is longer than --timeout loses the request here",
        )


def _parts(trial: Trial) -> Iterator[str]:
    if trial.duplicates:
        yield f"{trial.duplicates} of {trial.executions} executions were further attempts"
    overloaded = any(doubt.kind == UNSUSTAINABLE for doubt in trial.doubts)
    if trial.lost and not overloaded:
        yield f"{trial.lost} of {trial.submitted} requests had no answer in time, as where the next attempt is later"


def _retried_at(source: Source | None) -> str:
    """Where the task asks for another attempt itself."""
    for part in source.reached if source is not None else ():
        for call in calls_in(part.function):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "retry":
                return part.place(call)
    return ""


RULE = Retries()

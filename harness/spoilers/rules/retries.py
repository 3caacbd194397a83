"""A task that is tried again where it fails: the coroutine does not promise the same, and answers come later."""

import ast
from collections.abc import Iterator

from harness.results.model import Spoiler, Trial
from harness.spoilers.options import option, place_of, set_options
from harness.spoilers.rule import Rule, Seen
from harness.spoilers.source import Source, calls_in
from harness.statistics.doubts import UNSUSTAINABLE

AUTOMATIC = "autoretry_for"
OPTIONS = (AUTOMATIC, "max_retries", "default_retry_delay", "retry_backoff", "retry_jitter")


class Retries(Rule):
    """By requests that failed, on either side, of a task that is tried again; and by those without an answer."""

    kind = "retries"

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """In any trial, where the task may be tried again."""
        source = seen.source("celery")
        at = _asked_at(source) or _automatic_at(source)
        if not (at or option(seen.cell, AUTOMATIC)):
            return
        parts = list(_of_workers(seen.trial) if seen.cell.side == "celery" else _of_coroutine(seen.trial))
        if not parts:
            return
        written = set_options(seen.cell, *OPTIONS)
        yield Spoiler(
            kind=self.kind,
            side="celery",
            text=f"under {seen.cell.load.text}, {' and '.join(parts)}{f' ({written})' if written else ''}",
            place=at or place_of(seen, *OPTIONS),
            advice="let the coroutine try again in the same way, or compare both without; a delay between attempts "
            "that is longer than --timeout loses the request here",
        )


def _of_workers(trial: Trial) -> Iterator[str]:
    if trial.failed:
        yield f"{trial.failed} of {trial.submitted} requests failed in the end, after further attempts"
    overloaded = any(doubt.kind == UNSUSTAINABLE for doubt in trial.doubts)
    if trial.lost and not overloaded:
        yield f"{trial.lost} of {trial.submitted} requests had no answer in time, as where the next attempt is later"


def _of_coroutine(trial: Trial) -> Iterator[str]:
    if trial.failed:
        yield f"the coroutine failed {trial.failed} of {trial.submitted} requests, which the task tries again"


def _asked_at(source: Source | None) -> str:
    """Where the task asks for another attempt itself."""
    for part in source.reached if source is not None else ():
        for call in calls_in(part.function):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "retry":
                return part.place(call)
    return ""


def _automatic_at(source: Source | None) -> str:
    """Where its decorator says that it is tried again."""
    decorators = source.function.decorator_list if source is not None else []
    for decorator in decorators:
        words = decorator.keywords if isinstance(decorator, ast.Call) else []
        for word in words:
            if source is not None and word.arg == AUTOMATIC:
                return source.place(word)
    return ""


RULE = Retries()

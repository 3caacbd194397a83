"""A task that expires before a worker takes it: the request is answered, but the work is not done."""

from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.options import failed_with, place_of, set_options
from harness.spoilers.rule import Rule, Seen


class Expires(Rule):
    """By requests that the worker revoked."""

    kind = "expires"

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """In any trial of workers."""
        expired = failed_with(seen.trial, "TaskRevokedError")
        if not expired or seen.cell.side != "celery":
            return
        written = set_options(seen.cell, "expires") or "expires"
        yield Spoiler(
            kind=self.kind,
            side="celery",
            text=f"{expired} of {max(expired, seen.trial.submitted)} requests under {seen.cell.load.text} were not "
            f"executed: they had expired before a worker took them ({written})",
            place=place_of(seen, "expires"),
            advice="let them live for as long as they may wait, or give Celery slots enough that none waits",
        )


RULE = Expires()

"""A task that is published with a countdown or an eta: each request waits for it, whatever is free."""

from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.options import option, place_of
from harness.spoilers.rule import Rule, Seen
from harness.spoilers.rules.rate_limit import per_second

WAITED_LEAST_MS = 250.0
"""For which a request that is alone must have waited for a worker that had nothing else to do."""


class Countdown(Rule):
    """By how long one request alone waited."""

    kind = "countdown"

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """Where there was no other request for which it could have waited."""
        cell, stages = seen.cell, seen.trial.stages_ms
        wait = stages.queue_wait if stages else None
        if cell.side != "celery" or cell.load.clients != 1 or wait is None or wait.mean < WAITED_LEAST_MS:
            return
        limit_per_s = per_second(option(cell, "rate_limit"))
        if limit_per_s and wait.mean < 1100 / limit_per_s:
            return
        yield Spoiler(
            kind=self.kind,
            side="celery",
            text=f"a request alone waited for {wait.mean / 1000:,.3g} s before an idle worker began it, as one with a "
            "countdown or an eta does",
            place=place_of(seen, "countdown", "eta"),
            advice="publish it without, or let the coroutine wait as long",
        )


RULE = Countdown()

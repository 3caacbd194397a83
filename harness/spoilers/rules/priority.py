"""A priority of the task: it decides who waits where other tasks wait too, and here are none."""

from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.options import option, place_of
from harness.spoilers.rule import Rule, Seen


class Priority(Rule):
    """By the option as it is in effect."""

    kind = "priority"

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """Of any trial of workers."""
        if (priority := option(seen.cell, "priority")) is None:
            return
        yield Spoiler(
            kind=self.kind,
            side="celery",
            text=f"priority={priority} has no effect here, because the run's queue holds this task alone",
            place=place_of(seen, "priority"),
            advice="expect longer waits where tasks that come before it share its queue",
        )


RULE = Priority()

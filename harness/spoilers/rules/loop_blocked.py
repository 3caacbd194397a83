"""The event loop was held while the job ran: all its other requests waited."""

from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.places import shown
from harness.spoilers.rule import Rule, Seen
from harness.statistics.load_doubts import BLOCKED_MOST, LOOP_BLOCKED
from harness.statistics.units import percent


class LoopBlocked(Rule):
    """As the doubt of that name, with the line at which the loop was found most often."""

    kind = LOOP_BLOCKED

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """In the trial that looks at the job, whose stack is sampled; not where its doubts know better."""
        look, blocked = seen.trial.look, seen.trial.loop_blocked or 0.0
        doubted = any(doubt.kind == LOOP_BLOCKED for doubt in seen.trial.doubts)
        if look is None or not look.blocked_at or blocked <= BLOCKED_MOST or not doubted:
            return
        yield Spoiler(
            kind=self.kind,
            side=seen.cell.side,
            text=f"the event loop was held for longer than 10 ms at a time during {percent(blocked)} of the time",
            place=shown(look.blocked_at),
            advice="call what blocks by asyncio.to_thread or, if it computes, in a process",
        )


RULE = LoopBlocked()

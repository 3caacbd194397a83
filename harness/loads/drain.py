"""drain:N: N requests submitted while nothing is executed, then worked off: publishing and draining, apart."""

from typing import TYPE_CHECKING

from harness.loads.load import LoadFigures, Measuring
from harness.loads.shared.counted import CountedLoad
from harness.loads.shared.issuing import all_ended, issue_now
from harness.machine.clock import NS
from harness.statistics import doubts

if TYPE_CHECKING:
    from harness.recording.folded import Folded

PUBLISHED, BEGUN, RESUMED = "published", "begun", "resumed"
AT_A_TIME = 20
"""Requests that are submitted before the event loop comes round: no reply can come meanwhile, and a producer that has
nothing else to do publishes without pause."""
IDLE_MOST = 0.25
"""Share of the time between two starts that a slot may be without work, to count as what limited the drain."""


class Drain(CountedLoad):
    """A backlog: what a contender does when it never has to wait for work."""

    summary = "N requests submitted with execution paused, then worked off: publish rate and drain rate"
    syntax = "drain:N"
    kind = "drain"
    backlog = True

    async def run(self, trial: Measuring) -> None:
        """Pause, submit all, resume, wait for the last."""
        await trial.warm_up()
        await trial.pause()
        async with trial.whole_window():
            trial.mark(BEGUN)
            tasks = await issue_now(trial, self.requests, at_a_time=AT_A_TIME)
            trial.mark(PUBLISHED)
            await trial.between()
            trial.mark(RESUMED)
            await trial.resume()
            await all_ended(tasks)

    def figures(self, fold: "Folded", marks: dict[str, int], slots: int | None) -> LoadFigures:
        """The drain rate as throughput: from the first start of an execution to the last end of one.

        Where these are not known by the driver's clock, from when it was resumed to the last reply.
        """
        if fold.work_ns is None or PUBLISHED not in marks:
            return LoadFigures(throughput_per_s=None)
        first, last = fold.work_ns
        first = first if fold.comparable else marks.get(RESUMED, first)
        published = max(marks[PUBLISHED], fold.published_ns)  # a batch goes out after its last request was submitted
        ok = fold.counts.ok
        drain_per_s = ok * NS / (last - first) if last > first else None
        early = fold.comparable and first < marks[PUBLISHED]
        return LoadFigures(
            throughput_per_s=drain_per_s,
            publish_per_s=fold.counts.submitted * NS / max(1, published - marks[BEGUN]),
            slot_overhead_ms=_slot_overhead_ms(fold, slots),
            completed=ok,
            doubts=doubts.of_pause(early),
        )


def _slot_overhead_ms(fold: "Folded", slots: int | None) -> float | None:
    """Known only where slots were the limit: else they stood idle in between."""
    gap_ms = fold.slot_gap_ms(slots) if slots else None
    if gap_ms is None or gap_ms > IDLE_MOST * (gap_ms + fold.mean_ms("execution")):
        return None
    return gap_ms


LOAD = Drain

"""burst:N: N requests due at once; how long until half, nearly all and all of them are done."""

from typing import TYPE_CHECKING

from harness.loads.load import LoadFigures, Measuring
from harness.loads.shared.counted import CountedLoad
from harness.loads.shared.issuing import all_ended, issue_now

if TYPE_CHECKING:
    from harness.recording.folded import Folded

PARTS = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "all": 1.0}


class Burst(CountedLoad):
    """What falls due at one moment: a batch job, a thundering herd."""

    summary = "N requests due at once: the makespan, and the time to 50, 90, 99 and 100 % done"
    syntax = "burst:N"
    kind = "burst"

    async def run(self, trial: Measuring) -> None:
        """All due at the moment in which the window opens; started as fast as the driver can."""
        await trial.warm_up()
        async with trial.whole_window():
            await all_ended(await issue_now(trial, self.requests, due_ns=trial.issuer.clock.now()))

    def figures(self, fold: "Folded", marks: dict[str, int], slots: int | None) -> LoadFigures:
        """The makespan, and the rate of good replies up to the last of them.

        Where some were not answered well, the parts that were never reached are None.
        """
        makespan = {name: fold.done_ms(part) for name, part in PARTS.items()}
        latency = fold.latency("latency")
        return LoadFigures(
            throughput_per_s=1000 * fold.counts.ok / latency.max if latency and latency.max else None,
            makespan_ms=makespan,
            completed=fold.counts.ok,
        )


LOAD = Burst

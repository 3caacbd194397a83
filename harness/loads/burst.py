"""burst:N: N requests due at once; how long until half, nearly all and all of them are done."""

from typing import TYPE_CHECKING, Any

from harness.loads.load import LEAST_SERVICE_S, Figures, Load, Measuring, all_ended, issue_now, whole_number

if TYPE_CHECKING:
    from harness.recording.fold import Fold

PARTS = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "all": 1.0}


class Burst(Load):
    """What falls due at one moment: a batch job, a thundering herd."""

    summary = "N requests due at once: the makespan, and the time to 50, 90, 99 and 100 % done"
    syntax = "burst:N"
    kind = "burst"
    ranked = ("throughput_per_s",)

    def __init__(self, requests: int) -> None:
        self.requests = requests

    @classmethod
    def parse(cls, text: str, where: str) -> "Burst":
        """`N`."""
        return cls(whole_number(text, "burst:N with the number of requests", where))

    @property
    def text(self) -> str:
        """As it is written."""
        return f"burst:{self.requests}"

    def settings(self) -> dict[str, Any]:
        """Its requests."""
        return {"requests": self.requests}

    def at_most(self, requests: int | None) -> int:
        """All."""
        return self.requests

    def expected_s(self, service_s: float, slots: int | None) -> float:
        """Published one after the other, then served `slots` at a time."""
        return self.requests * (LEAST_SERVICE_S + max(LEAST_SERVICE_S, service_s / (slots or self.requests)))

    async def run(self, trial: Measuring) -> None:
        """All due at the moment in which the window opens; started as fast as the driver can."""
        await trial.warm_up()
        async with trial.whole_window():
            await all_ended(await issue_now(trial, self.requests, due_ns=trial.issuer.clock.now()))

    def figures(self, fold: "Fold", marks: dict[str, int], slots: int | None) -> Figures:
        """The makespan, and the rate of good replies up to the last of them.

        Where some were not answered well, the parts that were never reached are None.
        """
        makespan = {name: fold.done_ms(part) for name, part in PARTS.items()}
        latency = fold.latency("latency")
        return Figures(
            throughput_per_s=1000 * fold.counts.ok / latency.max if latency and latency.max else None,
            makespan_ms=makespan,
            completed=fold.counts.ok,
        )


LOAD = Burst

"""crash:FAULT@N:LOAD: requests come as in an open load or a burst; once N have been accepted, a fault strikes."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness import registry
from harness.errors import UsageError
from harness.loads.burst import Burst
from harness.loads.load import Load, LoadFigures, Measuring, amount
from harness.loads.open import Open
from harness.loads.shared.issuing import all_ended
from harness.machine.clock import NS

if TYPE_CHECKING:
    from harness.recording.folded import Folded

EXAMPLES = "crash:kill-worker@20:open:50/s or crash:kill-worker@20:burst:40"
AFTER = 2
"""An open load goes on until so many times N requests have come."""


class Crash(Load):
    """What is lost and what is repeated when something dies in mid-load; nothing of it is a rate.

    Of a rate, it strikes while requests go on coming; of a burst, once slots and prefetched messages are taken.
    """

    summary = "a fault strikes once N requests have been accepted, of a rate (2 N in all) or of M at once"
    syntax = "crash:FAULT@N:LOAD"
    kind = "crash"

    def __init__(self, fault: str, at: int, arriving: Open | Burst) -> None:
        self.fault = fault
        self.at = at
        self.arriving = arriving

    @classmethod
    def parse(cls, text: str, where: str) -> "Crash":
        """`FAULT@N:open:R/s` or `FAULT@N:burst:M`, with M of N or more."""
        struck, _, load = text.partition(":")
        fault, sign, number = struck.partition("@")
        kind, _, rest = load.partition(":")
        if not sign or kind not in ("open", "burst"):
            raise UsageError(f"{where}: expected {cls.syntax}, such as {EXAMPLES}; got {text!r}.")
        registry.check("fault", fault, where)
        at = amount(number, f"{cls.syntax} with the number of requests", where, most=100_000)
        arriving: Open | Burst = Open.parse(rest, where) if kind == "open" else Burst.parse(rest, where)
        if isinstance(arriving, Burst) and arriving.requests < at:
            raise UsageError(f"{where}: a burst of {arriving.requests} never has {at} requests accepted. {text!r}")
        return cls(fault, at, arriving)

    @property
    def text(self) -> str:
        """As it is written."""
        return f"crash:{self.fault}@{self.at}:{self.arriving.text}"

    @property
    def at_once(self) -> bool:
        """Whether all come at once: then the fault strikes when the contender is at work on what it can."""
        return isinstance(self.arriving, Burst)

    @property
    def requests(self) -> int:
        """All that come, before the fault and after it."""
        return self.arriving.requests if isinstance(self.arriving, Burst) else AFTER * self.at

    def settings(self) -> dict[str, Any]:
        """Its fault, and how requests come."""
        arriving = self.arriving.settings() | {"requests": self.requests}
        return {**arriving, "fault": self.fault, "fault_at": self.at}

    def at_most(self, requests: int | None) -> int:
        """All of its own, whatever the run asks for."""
        return self.requests

    def expected_s(self, service_s: float, slots: int | None) -> float:
        """As if all came at once."""
        return Burst(self.requests).expected_s(service_s, slots)

    async def run(self, trial: Measuring) -> None:
        """Issue what an earlier process of the application has not; the fault comes from outside."""
        issuer, clock, tasks = trial.issuer, trial.issuer.clock, []
        gaps_ns = self._gaps_ns(trial.seed)
        due_ns = clock.now()
        async with trial.whole_window():
            for _ in range(self.requests - trial.issued_before):
                due_ns += next(gaps_ns)
                await asyncio.sleep(max(0, due_ns - clock.now()) / NS)
                if not issuer.accepting:
                    break
                tasks.append(asyncio.create_task(issuer.issue(due_ns)))
            await all_ended(tasks)

    def _gaps_ns(self, seed: int) -> Iterator[int]:
        """Between two arrivals."""
        return self.arriving.gaps_ns(seed) if isinstance(self.arriving, Open) else itertools.repeat(0)

    def figures(self, fold: "Folded", marks: dict[str, int], slots: int | None) -> LoadFigures:
        """None: what became of requests is no rate."""
        return LoadFigures(throughput_per_s=None)


LOAD = Crash

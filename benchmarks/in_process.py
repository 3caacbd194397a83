"""Trials of a contender that only one benchmark has: driven in this process, against services as any run has them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness_overhead import Deaf
from harness.contenders.contender import Assignment, Contender, Workers, WorkersPlace
from harness.driver.driver import run_trial
from harness.driver.messages import Recording, TrialSpec
from harness.recording.fold import fold_spool
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.services.brokers.broker import DEFAULT, BrokerService, kind
from workloads.workload import Services

GRACE_S = 5.0


class Driven(NamedTuple):
    """What one trial left behind."""

    recording: Recording
    fold: Folded
    executed: NDArray[np.int64]


class Service:
    """A contender's workers behind a broker, in a scratch folder."""

    def __init__(self, contender: Contender, slots: int, place: WorkersPlace, workers: Workers, folder: Path) -> None:
        self.contender = contender
        self.slots = slots
        self.place = place
        self.workers = workers
        self._folder = folder

    async def drive(
        self, load: str, *, workload: str, timeout_s: float, order: int = 1, params: dict[str, Any] | None = None
    ) -> Driven:
        """One trial without warm-up: its recording, its fold, and what the workers say they executed for it."""
        spool = self._folder / f"{order}.spool"
        spec = TrialSpec(
            contender=self.contender.name,
            assignment=Assignment(
                workload=workload,
                slots=self.slots,
                services=Services(),
                broker=self.place.broker,
                queue=self.place.queue,
                workers=[worker.name for worker in self.workers.described()[0]],
                trial=order,
            ),
            params=params or {},
            load=load,
            warmup_s=0.0,
            duration_s=None,
            requests=None,
            timeout_s=timeout_s,
            seed=1,
            spool=str(spool),
            sampled=False,
        )
        recording = await run_trial(spec, Deaf(), self.contender)
        assert recording.status != "failed", recording.error
        terms = FoldTerms(recording.opened_ns, recording.closed_ns, recording.clocks_comparable)
        fold = fold_spool(spool, terms, recording.issued)
        return Driven(recording, fold, (await self.workers.executed(order)).numbers)


@asynccontextmanager
async def own_broker() -> AsyncIterator[BrokerService]:
    """A Redis of the benchmark's own; ended at the end."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        broker = await kind(DEFAULT).open(None, "", Path(folder))
        try:
            yield broker
        finally:
            await broker.close(GRACE_S)


@asynccontextmanager
async def serving(contender: Contender, slots: int, broker: BrokerService) -> AsyncIterator[Service]:
    """Fresh workers of the contender, on a queue of its own; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as name:
        folder = Path(name)
        place = WorkersPlace(broker=broker.place, queue=contender.name, log=folder / "worker.log")
        workers = contender.workers(slots, place)
        assert workers is not None
        try:
            await workers.start()
            yield Service(contender, slots, place, workers, folder)
        finally:
            await asyncio.shield(workers.stop(GRACE_S))

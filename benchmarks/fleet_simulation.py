"""What a trial costs its session as drivers and workers grow in number: `python -m benchmarks.fleet_simulation`.

They cost nothing: drivers take the trial, begin, end and have folded at once, workers have announced themselves, are
leased, report their usage and the id of each request that they have executed; all answer in memory. So what is left is
the session's own: orders, clocks, steps, checking what each says, adding it up, reconciling the ids, the trial's
figures. What the broker and the connections to it cost is left out. Finding and leasing is done once a run, and is told
apart; drivers are found and leased as workers are.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks._free_workers import PLACE, FreeWorkers
from harness.contenders.celery.external import ExternalWorkers
from harness.driver.messages import (
    Delivered,
    FoldRows,
    Hello,
    Kill,
    Message,
    Ping,
    Pong,
    Ready,
    Recording,
    StartLoad,
    TrialSpec,
    UsageRead,
    WindowClosed,
    WindowOpened,
    decode,
    encode,
)
from harness.driver.remote.relay import FIGURES
from harness.driver.remote.remote_driver import RemoteDriver
from harness.driver.remote.waiting import WaitingDriver
from harness.machine.clock import NS
from harness.machine.deadline import in_time
from harness.plan.plan import CellPlan
from harness.recording.fold import Fold
from harness.recording.fold_terms import FoldTerms
from harness.recording.parcel import packed
from harness.session.driver_spec import TrialWork
from harness.session.roles import Roles
from harness.session.trial import TrialRun
from workloads.workload import Services

REQUESTS = 20_000
"""Of each driver."""
OPENED_NS, CLOSED_NS = 10 * NS, 11 * NS
MOST_S = 2.0
"""Of the session, for a trial of 100 drivers."""


def folded() -> bytes:
    """What each of the drivers has made of its rows: latencies whose stages spread over two decades."""
    draw = np.random.default_rng(1)
    steps = [draw.lognormal(mean, 0.8, REQUESTS).astype(np.int64) for mean in (11, 13, 16, 15, 13)]
    stamps = np.cumsum([np.sort(draw.integers(OPENED_NS, CLOSED_NS, REQUESTS)), *steps], axis=0)
    rows = np.column_stack([np.arange(REQUESTS), *stamps, np.zeros(REQUESTS, dtype=np.int64)])
    fold = Fold(FoldTerms(OPENED_NS, CLOSED_NS, comparable=True, edge=0), REQUESTS)
    fold.add(rows)
    return FIGURES + packed(fold.folded())


class Free:
    """The conversation with a driver that costs nothing."""

    def __init__(self, figures: bytes) -> None:
        self._figures = figures
        self._says: asyncio.Queue[bytes] = asyncio.Queue()
        self._say(Hello(), Ready())

    def _say(self, *messages: Message) -> None:
        for message in messages:
            self._says.put_nowait(encode(message))

    def send(self, body: bytes) -> None:
        """It has done that already."""
        match decode(body):
            case Ping():
                self._say(Pong(0))
            case StartLoad():
                self._say(WindowOpened())
            case UsageRead(after="opened"):
                self._say(WindowClosed())
            case UsageRead():
                self._say(recording())
            case FoldRows():
                self._says.put_nowait(self._figures)
                self._say(Delivered())
            case Kill() | _:
                pass

    async def receive(self, within_s: float) -> bytes | None:
        """What it has said."""
        return await in_time(within_s, self._says.get())

    async def end(self) -> None:
        """Nothing is left of it."""


def recording() -> Recording:
    """What each of them says that it has measured."""
    return Recording(
        status="measured",
        error=None,
        opened_ns=OPENED_NS,
        closed_ns=CLOSED_NS,
        issued=REQUESTS,
        recorded=REQUESTS,
        failures={},
        driver=None,
        loop_lag=None,
        clocks_comparable=True,
    )


class Source:
    """Has the simulated drivers of one kernel; `boot_id`: another one than ours would have the clock asked for."""

    def __init__(self, number: int, figures: bytes) -> None:
        self._who = WaitingDriver(name=f"d{number}@far", host="far", cpus=2, boot_id="")
        self._figures = figures

    async def fork(self, spec: TrialSpec) -> RemoteDriver:
        """A driver that has taken the trial."""
        driver = RemoteDriver(self._who, Free(self._figures), Path(spec.spool), now_ns=lambda: 0)
        await driver.meet()
        return driver


class Cost(NamedTuple):
    """Of a trial, by the clock and of CPU; and of finding and leasing the workers, of CPU."""

    seconds: float
    cpu_s: float
    leasing_cpu_s: float


def cost_of(drivers: int, workers: int, figures: bytes, folder: Path) -> Cost:
    """Of a trial with so many."""
    return asyncio.run(_cost_of(drivers, FreeWorkers(workers, [REQUESTS] * drivers), figures, folder))


async def _cost_of(drivers: int, free: FreeWorkers, figures: bytes, folder: Path) -> Cost:
    begun_s = _cpu_s()
    async with free.leased() as workers:
        leased_s, begin_s = _cpu_s(), time.perf_counter()
        run = _trial(drivers, workers, figures, folder)
        trial = (await run.run()).trial
        assert trial.submitted == trial.ok == drivers * REQUESTS, trial.error
        assert trial.executions == drivers * REQUESTS + 1
        return Cost(time.perf_counter() - begin_s, _cpu_s() - leased_s, leased_s - begun_s)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _trial(drivers: int, workers: ExternalWorkers, figures: bytes, folder: Path) -> TrialRun:
    described, effective = workers.described()
    plan = CellPlan(
        id="a",
        views=["view"],
        workload="sleep",
        params={},
        contender="celery-prefork",
        slots=effective["slots"],
        load=f"closed:{4 * drivers}",
    )
    work = TrialWork(
        plan=plan,
        drivers=drivers,
        services=Services(origin_url=None),
        places=(PLACE.broker,),
        queue=PLACE.queue,
        workers=tuple(worker.name for worker in described),
        trial_id=1,
        timeout_s=30.0,
        seed=1,
        sampled=True,
        spool=folder / "1.spool",
    )
    return TrialRun(
        round=1,
        order=1,
        work=work,
        sources=[Source(number, figures) for number in range(drivers)],
        roles=Roles(workers=workers),
        on_rate=lambda per_s, latency_ms: None,
        on_window=lambda state: None,
    )


def main() -> int:
    """Print what trials cost; 1 if one with 100 drivers and 200 workers costs too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drivers", type=int, nargs="+", default=[2, 16, 100, 400])
    parser.add_argument("--workers-each", type=int, default=2, help="workers for each driver (default: 2)")
    options = parser.parse_args()
    figures = folded()
    print(f"  each driver: {REQUESTS:,} requests, {len(figures):,} bytes of figures")
    right = True
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        for drivers in options.drivers:
            workers = options.workers_each * drivers
            cost = min(cost_of(drivers, workers, figures, Path(folder)) for _ in range(3))
            right &= drivers > 100 or cost.cpu_s <= MOST_S
            print(
                f"  {drivers:>5} drivers, {workers:>4} workers: {cost.seconds:.2f} s a trial, {cost.cpu_s:.2f} s CPU, "
                f"and once {cost.leasing_cpu_s:.2f} s to find and lease workers",
                flush=True,
            )
    print(f"  demanded: at most {MOST_S:g} s of CPU with 100 drivers: {'right' if right else 'MISSED'}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())

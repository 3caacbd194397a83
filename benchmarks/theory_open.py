"""The queue of an open load against the recursion of Kiefer and Wolfowitz, replayed on the actual arrivals.

`python -m benchmarks.theory_open`: `sleep` on Celery threads, Poisson arrivals at three utilisations, for one slot and
for four. How long a slot is busy for a request comes from a drain. A lone request waits too, for its way through the
broker: that wait is measured by itself, and every arrival is replayed as that much later. The long-run mean of M/D/c
stands beside.
"""

import argparse
import asyncio
import statistics
import sys

import numpy as np

from benchmarks.bench import Bench, bench
from benchmarks.queueing import kiefer_wolfowitz, mean_wait_mdc
from harness.recording.rows import EXEC_START, PUBLISH_END, Rows
from harness.results.model import Trial
from harness.statistics.units import percent

UTILISATIONS = (0.5, 0.7, 0.85)
SLOTS = (1, 4)
NOMINAL_OVERHEAD_S = 0.003
"""To choose the rates by; what a slot is really busy is measured."""
MOST = 0.05
"""Share by which the mean wait may differ from the recursion's."""


async def busy_ms(running: Bench, cell: str, times: int) -> float:
    """How long a slot is busy for a request: execution, and the gap to its next one."""
    found = []
    for number in range(1, times + 1):
        trial = await running.trial(cell, number)
        assert trial.stages_ms
        assert trial.stages_ms.execution
        assert trial.slot_overhead_ms is not None
        found.append(trial.stages_ms.execution.mean + trial.slot_overhead_ms)
    return statistics.fmean(found)


def waited_ms(trial: Trial) -> float:
    """Its mean queue wait."""
    assert trial.stages_ms
    assert trial.stages_ms.queue_wait
    return trial.stages_ms.queue_wait.mean


def replayed_ms(rows: Rows, service_ms: float, alone_ms: float, slots: int) -> tuple[float, float]:
    """Mean wait of all requests of a trial: as measured, without a lone request's, and as the recursion has it."""
    rows = rows[rows[:, PUBLISH_END].argsort(kind="stable")]
    shift = round(alone_ms * 1e6)
    waits = kiefer_wolfowitz((rows[:, PUBLISH_END] + shift).tolist(), round(service_ms * 1e6), slots)
    return float(np.mean(rows[:, EXEC_START] - rows[:, PUBLISH_END] - shift)) / 1e6, statistics.fmean(waits) / 1e6


async def compare(options: argparse.Namespace) -> bool:
    """Run all, print them; whether all agree."""
    service_s = options.service
    backlog, lone = f"drain:{options.backlog}", "open:2/s:uniform"
    loads = {
        (slots, rho): f"open:{rho * slots / (service_s + NOMINAL_OVERHEAD_S):.4g}/s"
        for slots in SLOTS
        for rho in UTILISATIONS
    }
    missed = []
    async with bench(
        workload="sleep",
        contenders=[f"celery-threads:{slots}" for slots in SLOTS],
        loads=[backlog, lone, *loads.values()],
        params={"seconds": service_s},
        duration=f"{options.seconds}s",
        warmup="1s",
        stamps=True,
    ) as running:
        for slots in SLOTS:
            at = f"sleep[seconds={service_s}]/celery-threads:{slots}"
            busy = await busy_ms(running, f"{at}/{backlog}", 3)
            alone = waited_ms(await running.trial(f"{at}/{lone}"))
            print(
                f"c = {slots}: a slot is busy {busy:.2f} ms a request, a lone request waits {alone:.2f} ms", flush=True
            )
            for rho in UTILISATIONS:
                trial = await running.trial(f"{at}/{loads[slots, rho]}")
                found, theory = replayed_ms(running.rows(trial), busy, alone, slots)
                missed.append(abs(found / theory - 1) > MOST)
                print(
                    f"  ρ = {rho}: {trial.ok} requests, mean wait {found:.2f} ms, recursion {theory:.2f} ms: "
                    f"{percent(found / theory - 1, 1, signed=True)}; M/D/{slots} "
                    f"{mean_wait_mdc(slots, rho, busy):.2f} ms",
                    flush=True,
                )
    print(f"demanded: within {percent(MOST)} of the recursion")
    return not any(missed)


def main() -> None:
    """Exit 1 where a mean wait differs by more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.theory_open", description=__doc__)
    parser.add_argument("--service", type=float, default=0.2, help="service time in s (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each window in s (default: %(default)s)")
    parser.add_argument("--backlog", type=int, default=40, help="requests of each drain (default: %(default)s)")
    sys.exit(int(not asyncio.run(compare(parser.parse_args()))))


if __name__ == "__main__":
    main()

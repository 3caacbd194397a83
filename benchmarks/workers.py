"""What more workers bring: the drain rate of no-ops with one `celery-prefork` worker and with four.

`python -m benchmarks.workers`: one worker and four that wait on a Redis of the benchmark's own, in turn (A B A B …),
each a run in external mode. Prints every pair, what limited it, and the mean of the ratios with its 95 % interval.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.in_process import own_broker
from harness.results import store
from harness.services.brokers.broker import broker_url
from harness.statistics.intervals import paired_ratio

DEMANDED = 1.5
SLOTS = 4
"""Of each worker, unless said otherwise."""


def drained(url: str, workers: int, requests: int, slots: int, folder: Path) -> tuple[float, str | None]:
    """The drain rate with so many workers, and what limited it."""
    env = os.environ | {"WORKBENCH_BROKER": url}
    with ExitStack() as stack:
        for _ in range(workers):
            argv = [sys.executable, "-m", "harness", "worker", "--pool", "prefork", "--slots", str(slots)]
            with (folder / "worker.log").open("ab") as log:
                worker = subprocess.Popen(argv, env=env, stdout=log, stderr=log)
            stack.callback(worker.wait)
            stack.callback(worker.terminate)
        _wait_for(url, workers)
        argv = [sys.executable, "-m", "harness", "run", "-w", "noop", "-c", f"celery-prefork:{slots}"]
        argv += ["--load", f"drain:{requests}", "--rounds", "1", "--workers", "external", "--quiet"]
        subprocess.run([*argv, "-o", str(folder / "run")], env=env, check=True, timeout=180)
    cell = next(one for one in store.read(folder / "run").cells if one.workload == "noop" and one.load.kind == "drain")
    assert len(cell.workers) == workers
    assert cell.summary is not None
    return cell.summary.throughput_per_s, cell.summary.bottleneck


def _wait_for(url: str, workers: int) -> None:
    """Until so many answer."""
    from harness.contenders.celery.control import ask
    from harness.contenders.contender import WorkersPlace
    from harness.services.waiting_places import waiting_place

    place = WorkersPlace(broker=waiting_place(broker_url(url), None), queue="benchmark", log=Path(os.devnull))
    for _ in range(60):
        if len(asyncio.run(ask(place, "ping", None, None, 1.0))) >= workers:
            return
    raise SystemExit(f"{workers} workers did not answer within a minute")


async def measure(pairs: int, requests: int, slots: int) -> None:
    """Print the pairs; exit 1 where the mean is below what is demanded."""
    one: list[float] = []
    four: list[float] = []
    async with own_broker() as broker:
        for pair in range(1, pairs + 1):
            for workers, rates in ((1, one), (4, four)):
                with tempfile.TemporaryDirectory() as folder:
                    place = broker.place.url.reveal(), workers, requests, slots, Path(folder)
                    rate, limit = await asyncio.to_thread(drained, *place)
                rates.append(rate)
                print(
                    f"pair {pair}: {workers} worker(s) {rate:,.0f}/s, limited by {limit or 'nothing that shows'}",
                    flush=True,
                )
    ratio, interval = paired_ratio(one, four)
    assert interval is not None
    print(f"4 workers ÷ 1: {ratio:.2f} (95 % interval {interval[0]:.2f} to {interval[1]:.2f}); demanded: {DEMANDED}")
    sys.exit(ratio < DEMANDED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--slots", type=int, default=SLOTS, help="of each worker (default: %(default)s)")
    options = parser.parse_args()
    asyncio.run(measure(options.pairs, options.requests, options.slots))

"""Whether 2 ms of sleep that are planted in one layer of a request show in that layer, and in no other.

`python -m benchmarks.planted_layers`: a job that does nothing, alone (`closed:1`), on the contenders of the plan
`layers`, all of them over a Redis behind a proxy. In each round, each contender has each place in turn, in random
order: nothing; the worker of queue-bare; a signal before each Celery task; the proxy, which holds up each published
request once; the body of the task. All run with the same start of the services: two starts differ by more than what is
looked for. Whoever sleeps notes how long it was.
A core on which everybody sleeps halts, and on a virtual machine whoever it wakes goes on late: with `--spin`, the 2 ms
are computed instead, which shows what of a growth is that.

Demanded: the layer of the mean latency in which it was planted grows by what was slept ± 10 %, the others by no more
than a tenth of it; and the layers add up to the whole.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks.planted.judging import Rounds, growths
from benchmarks.planted.plants import BROKER, HOW, LAYER_OF, NOTHING, VARIABLE, is_planted, plant, slept_s
from benchmarks.planted.proxy import Proxy
from harness.plan.own_jobs import job_from
from harness.plan.plan import Plan, ViewPlan
from harness.progress.progress import Quiet
from harness.results.model import Layers, Trial
from harness.results.store import Store
from harness.services.servers.redis import OwnRedis, find_server
from harness.services.url import Url
from harness.session.new_document import view_of
from harness.session.options import Options
from harness.session.session import Session
from harness.session.trials import RunTrials
from harness.statistics.layers import layers

CONTENDERS = ["asyncio:4", "queue-bare:4", "celery-asyncio:4", "celery-threads:4"]
LOAD = "closed:1"
ROOT = Path(__file__).resolve().parents[1]
ADDS_UP_MS = 1e-6
PLACES = (NOTHING, *LAYER_OF)


def plan_of(workload: str, seconds: float) -> Plan:
    """The four contenders under one client."""
    view = ViewPlan(
        name="layers", matched="layers", workloads=[workload], contenders=CONTENDERS, loads=[LOAD], floor=False
    )
    return Plan(name="planted", rounds=1, duration=f"{seconds:g}s", warmup="0.2s", view=[view])


class Figures:
    """The mean latencies of every round, place by place, in the order of the contenders."""

    def __init__(self) -> None:
        self.rounds: dict[str, list[list[float]]] = {place: [] for place in PLACES}
        self.slept: dict[str, list[float]] = {place: [] for place in LAYER_OF}
        """By place, the mean sleep of each trial in which there were any, in ms."""

    def slept_ms(self, place: str) -> float:
        """The mean of its trials' means."""
        return statistics.fmean(self.slept[place])


async def measured(trials: RunTrials, options: argparse.Namespace) -> tuple[Figures, list[Layers]]:
    """Run all rounds; also what the harness makes of the trials without a plant."""
    figures = Figures()
    cells = {plan.id: trials.cell(plan.id) for plan in trials.plans.values()}
    usual: dict[str, list[Trial]] = {identity: [] for identity in cells}
    order = random.Random(1)  # an order is no secret
    for number in range(1, options.rounds + 1):
        row: dict[str, list[float]] = {place: [] for place in PLACES}
        for identity, planned in trials.plans.items():
            for place in order.sample(PLACES, len(PLACES)):  # close to each other: the machine's speed drifts
                plant(place)
                trial = await trials.trial(planned, number)
                if trial.latency_ms is None:
                    raise RuntimeError(f"{identity}: {trial.error}")
                row[place].append(trial.latency_ms.mean)
                if place == NOTHING:
                    usual[identity].append(trial)
                elif (slept := slept_s()) is not None:
                    figures.slept[place].append(1000 * slept)
        for place in PLACES:
            figures.rounds[place].append(row[place])
            print(f"  round {number}, {place}: {', '.join(f'{ms:.2f}' for ms in row[place])} ms", flush=True)
    rows = [msgspec.structs.replace(cell, trials=usual[cell.id], status="measured") for cell in cells.values()]
    view = view_of(plan_of(rows[0].workload, options.seconds).view[0])
    return figures, [one for one in layers(rows, [view]) if one.figure == "alone_ms"]


def judged(figures: Figures, usual: list[Layers]) -> bool:
    """Print what grew; whether all is as demanded."""
    (one,) = usual
    names = [layer.name for layer in one.layers]
    off_ms = abs(sum(layer.difference for layer in one.layers) - one.whole)
    print(f"  layers add up to the whole of {one.whole:.3f} ms: off by {off_ms:.2g} ms")
    right = off_ms <= ADDS_UP_MS
    rounds: dict[str, Rounds] = dict(figures.rounds)
    for place in LAYER_OF:
        for growth in growths(place, rounds, figures.slept_ms(place)):
            low, high = growth.interval or (growth.ms, growth.ms)
            wanted = (
                f"{growth.slept_ms:.3f} ms ± 10 %" if growth.is_planted else f"at most {growth.slept_ms / 10:.3f} ms"
            )
            verdict = "right" if growth.right else "WRONG"
            grew = f"{growth.ms:+.3f} ms ({low:+.3f} to {high:+.3f})"
            print(f"  {place}: {names[growth.layer]} {grew}; demanded: {wanted}: {verdict}")
            right &= growth.right
    return right


async def compare(options: argparse.Namespace, server: str, job: str) -> bool:
    """Start Redis, the proxy and the services, run all rounds of that job, judge them."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        os.environ[VARIABLE] = str(Path(folder) / "planted")
        plant(NOTHING)
        queues: set[bytes] = set()
        redis = OwnRedis(server, Path(folder))
        await redis.start()
        try:
            with Proxy("127.0.0.1", redis.url.port or 0, lambda: is_planted(BROKER), _ends_with(queues)) as proxy:
                session = Session(
                    plan_of(job, options.seconds),
                    Options(
                        seed=1,
                        timeout_s=30.0,
                        command="python -m benchmarks.planted_layers",
                        brokers={"redis": [Url("redis", "127.0.0.1", proxy.port, "/0")]},
                    ),
                    Store(Path(folder) / "run"),
                    Quiet(),
                )
                async with session.trials() as trials:
                    queues |= {trials.place(contender).queue.encode() for contender in CONTENDERS[1:]}
                    return judged(*await measured(trials, options))
        finally:
            await redis.stop(2.0)


def _ends_with(queues: set[bytes]) -> Callable[[bytes], bool]:
    """Whether a list is one of these, behind whatever prefix: workers' queues are known once they run."""
    return lambda name: any(name.endswith(queue) for queue in queues)


def main() -> None:
    """Exit 1 where a demand is not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted_layers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="rounds (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of each window (default: %(default)s)")
    parser.add_argument("--spin", action="store_true", help="keep the core busy for 2 ms instead of sleeping")
    options = parser.parse_args()
    if options.spin:
        os.environ[HOW] = "spin"
    server = find_server()
    if server is None:
        sys.exit("no Redis server on this machine")
    job = job_from(coroutine="benchmarks.planted.work:work", task="benchmarks.planted.tasks:work", path=[str(ROOT)])
    print(f"{', '.join(CONTENDERS)}, {LOAD}, {options.rounds} rounds of {options.seconds:g} s")
    right = asyncio.run(compare(options, server, job.name))
    sys.stdout.flush()
    os._exit(int(not right))  # as the command line does: threads of libraries may crash an interpreter that ends


if __name__ == "__main__":
    main()

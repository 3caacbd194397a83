"""Whether 2 ms of sleep that are planted in one layer of a request show in that layer, and in no other.

`python -m benchmarks.planted_layers`: a job that does nothing, alone (`closed:1`), on the contenders of the plan
`layers`, all of them over a Redis behind a proxy. The places: the worker of queue-bare; a signal before each Celery
task; the proxy, which holds up each published request once; the body of the task. Within each trial, each place has
nothing, 10 ms, 12 ms and 10 ms planted in turn, for 0.15 s each, and the harness's stamps of each request say what was
planted then: a trial a place would compare seconds in which a shared machine is half as fast as in others. All run with
the same start of the services. Whoever sleeps notes how long it was.

The first 2 ms take longer than 2 ms: whatever has slept meanwhile goes on with cold caches on a core that halted, in
each process that the request still passes. So what is judged are 2 ms more, for which all of them were as cold before;
what the first 10 ms took is printed. With `--spin`, they are computed instead of slept. On a machine that others use,
`chrt --rr 1 python -m benchmarks.planted_layers` keeps its processes before theirs (as root).

Demanded: the layer of the mean latency in which it was planted grows by what was slept ± 10 %, the others by no more
than a tenth of it; and the layers add up to the whole.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.planted.blocks import MORE, ONCE, Turns, grown_ms
from benchmarks.planted.judging import Growth, growths
from benchmarks.planted.plants import BROKER, HOW, LAYER_OF, NOTHING, VARIABLE, plant, slept_s
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


def plan_of(workload: str, seconds: float) -> Plan:
    """The four contenders under one client."""
    view = ViewPlan(
        name="layers", matched="layers", workloads=[workload], contenders=CONTENDERS, loads=[LOAD], floor=False
    )
    return Plan(name="planted", rounds=1, duration=f"{seconds:g}s", warmup="0.2s", view=[view])


class Figures:
    """By how much the mean latencies grew in every round, place by place, in the order of the contenders."""

    def __init__(self) -> None:
        self.first: dict[str, list[list[float]]] = {place: [] for place in LAYER_OF}
        """By the first 10 ms."""
        self.second: dict[str, list[list[float]]] = {place: [] for place in LAYER_OF}
        """By 2 ms more."""
        self.slept_ms: dict[str, tuple[float, float]] = {}
        """By place, the means of the first sleep and of what was slept more."""


async def measured(trials: RunTrials, store: Store, options: argparse.Namespace) -> tuple[Figures, list[Layers]]:
    """Run all rounds; also what the harness makes of the trials."""
    figures = Figures()
    cells = {plan.id: trials.cell(plan.id) for plan in trials.plans.values()}
    whole: dict[str, list[Trial]] = {identity: [] for identity in cells}
    for number in range(1, options.rounds + 1):
        for place in LAYER_OF:
            figures.first[place].append([])
            figures.second[place].append([])
        for identity, planned in trials.plans.items():
            with Turns(list(LAYER_OF), number) as turns:
                trial = await trials.trial(planned, number)
            if trial.latency_ms is None:
                raise RuntimeError(f"{identity}: {trial.error}")
            whole[identity].append(trial)
            for place, grown in grown_ms(np.load(store.stamps(trial.order)), turns.blocks).items():
                figures.first[place][-1].append(grown.first)
                figures.second[place][-1].append(grown.second)
        for place in LAYER_OF:
            print(f"  round {number}, {place}: {_shown(figures.second[place][-1])} ms", flush=True)
    slept = slept_s()
    once = {place: 1000 * slept[place, ONCE] for place in LAYER_OF}
    figures.slept_ms = {place: (once[place], 1000 * slept[place, MORE] - once[place]) for place in LAYER_OF}
    rows = [msgspec.structs.replace(cell, trials=whole[cell.id], status="measured") for cell in cells.values()]
    view = view_of(plan_of(rows[0].workload, options.seconds).view[0])
    return figures, [one for one in layers(rows, [view]) if one.figure == "alone_ms"]


def judged(figures: Figures, usual: list[Layers]) -> bool:
    """Print what grew; whether all is as demanded."""
    (one,) = usual
    names = [layer.name for layer in one.layers]
    off_ms = abs(sum(layer.difference for layer in one.layers) - one.whole)
    print(f"  layers add up to the whole of {one.whole:.3f} ms: off by {off_ms:.2g} ms")
    right = off_ms <= ADDS_UP_MS
    for place, (first_ms, second_ms) in figures.slept_ms.items():
        cold = growths(place, figures.first[place], first_ms)[LAYER_OF[place]]
        print(f"  {place}: the first {first_ms:.3f} ms made {names[cold.layer]} grow by {_growth(cold)}")
        for growth in growths(place, figures.second[place], second_ms):
            wanted = f"{second_ms:.3f} ms ± 10 %" if growth.is_planted else f"at most {second_ms / 10:.3f} ms"
            verdict = "right" if growth.right else "WRONG"
            print(f"  {place}: {names[growth.layer]} {_growth(growth)}; demanded: {wanted}: {verdict}")
            right &= growth.right
    return right


def _shown(row: list[float]) -> str:
    return ", ".join(f"{ms:+.2f}" for ms in row)


def _growth(growth: Growth) -> str:
    low, high = growth.interval or (growth.ms, growth.ms)
    return f"{growth.ms:+.3f} ms ({low:+.3f} to {high:+.3f})"


async def compare(options: argparse.Namespace, server: str, job: str) -> bool:
    """Start Redis, the proxy and the services, run all rounds of that job, judge them."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        os.environ[VARIABLE] = str(Path(folder) / "planted")
        plant(NOTHING)
        queues: set[bytes] = set()
        redis = OwnRedis(server, Path(folder))
        await redis.start()
        try:
            with Proxy("127.0.0.1", redis.url.port or 0, BROKER, _ends_with(queues)) as proxy:
                store = Store(Path(folder) / "run")
                session = Session(
                    plan_of(job, options.seconds),
                    Options(
                        seed=1,
                        timeout_s=30.0,
                        command="python -m benchmarks.planted_layers",
                        brokers={"redis": [Url("redis", "127.0.0.1", proxy.port, "/0")]},
                        stamps=True,
                    ),
                    store,
                    Quiet(),
                )
                async with session.trials() as trials:
                    queues |= {trials.place(contender).queue.encode() for contender in CONTENDERS[1:]}
                    return judged(*await measured(trials, store, options))
        finally:
            await redis.stop(2.0)


def _ends_with(queues: set[bytes]) -> Callable[[bytes], bool]:
    """Whether a list is one of these, behind whatever prefix: workers' queues are known once they run."""
    return lambda name: any(name.endswith(queue) for queue in queues)


def main() -> None:
    """Exit 1 where a demand is not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted_layers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="rounds (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=14.0, help="length of each window (default: %(default)s)")
    parser.add_argument("--spin", action="store_true", help="keep the core busy instead of sleeping")
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

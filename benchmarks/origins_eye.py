"""The harness's figures against those of the origin, which counts and times every request it served by itself.

`python -m benchmarks.origins_eye`: `http_date` on asyncio and on Celery threads. The origin's rate between its own two
readings must be the harness's throughput; the time from a request's arrival in the origin to its answer must be
what the workload asks of it, and the execution that the harness timed is that, and the way there and back.
"""

import argparse
import asyncio
import sys

from benchmarks.bench import bench
from harness.results.model import Trial
from harness.statistics.units import percent

CONTENDERS = ("asyncio:16", "celery-threads:16")
LOAD = "closed:32"
RATE_MOST = 0.01
CLIENT_MOST_MS = {"asyncio:16": 2.0, "celery-threads:16": 10.0}
"""What the client's own work may add to the origin's time, where both sides share two cores."""


def agrees(name: str, trial: Trial) -> bool:
    """Print both views of a trial; whether they agree."""
    served = trial.served
    assert served
    assert served.mean_ms is not None
    assert trial.throughput_per_s
    assert trial.stages_ms
    assert trial.stages_ms.execution
    assert trial.loop_lag_ms
    by_origin = served.requests / served.seconds
    share = trial.throughput_per_s / by_origin - 1
    execution_ms = trial.stages_ms.execution.mean
    print(
        f"  {name}: harness {trial.throughput_per_s:.1f}/s, origin {by_origin:.1f}/s "
        f"({percent(share, 2, signed=True)}); execution {execution_ms:.2f} ms, origin {served.mean_ms:.2f} ms "
        f"(loop lag p99 {trial.loop_lag_ms.p99:.2f} ms)",
        flush=True,
    )
    added_ms = execution_ms - served.mean_ms
    return abs(share) <= RATE_MOST and 0 <= added_ms <= CLIENT_MOST_MS[name] + trial.loop_lag_ms.p99


async def compare(options: argparse.Namespace) -> bool:
    """Run both, print them; whether the harness and the origin agree."""
    good = []
    async with bench(
        workload="http_date",
        contenders=list(CONTENDERS),
        loads=[LOAD],
        duration=f"{options.seconds}s",
        warmup="1s",
    ) as running:
        for number in range(1, options.rounds + 1):
            good += [agrees(name, await running.trial(f"http_date/{name}/{LOAD}", number)) for name in CONTENDERS]
    print(
        f"demanded: rates within {percent(RATE_MOST)}; the execution no shorter, and longer by the client's work at "
        "most"
    )
    return all(good)


def main() -> None:
    """Exit 1 where the two disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.origins_eye", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each window (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default: %(default)s)")
    sys.exit(int(not asyncio.run(compare(parser.parse_args()))))


if __name__ == "__main__":
    main()

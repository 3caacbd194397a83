"""Whether what the ladder says of batch publishing is what a bare script sees.

`python -m benchmarks.batch`: the script publishes `noop` tasks by `apply_async()`, one by one or through
`Producer.batch()`, into a queue that nobody reads, while a thread waits for results, as in any process that wants
them; the harness does the same in a drain, as the rung `batch` of `workbench ladder celery` does. Both over the same
Redis, in turn, each in a process of its own. What a batch buys is the ratio; the two ratios must agree within 10 %.
"""

import argparse
import asyncio
import contextlib
import json
import math
import subprocess
import sys
import threading
import time
from typing import Any

from benchmarks.bench import bench, shown
from harness.contenders.contender import WorkersPlace
from harness.services.brokers.broker import broker_url
from harness.statistics.intervals import paired_ratio
from harness.statistics.units import percent

PLAIN, BATCHED = "celery-prefork+usual-producer:2", "celery-prefork+batch:2"
WARMUP = 50
MOST = 100
AGREE = 0.10
DRAIN_S = 0.1


def drain(consumer: Any) -> None:
    """Take results in as they come; the process ends with its main thread."""
    while True:
        with contextlib.suppress(TimeoutError):
            consumer.drain_events(timeout=DRAIN_S)


def published_per_s(requests: int, batched: bool) -> float:
    """Tasks published a second by this process; their messages are thrown away afterwards."""
    from celery_side.tasks.noop import noop

    app: Any = noop.app  # its backend and channel are those of Redis, which the stubs do not know
    queue = f"{app.conf.task_default_queue}-bare"
    consumer = app.backend.result_consumer
    consumer.start("bare")
    threading.Thread(target=drain, args=(consumer,), daemon=True).start()
    results = [noop.apply_async(queue=queue) for _ in range(WARMUP)]
    start = time.monotonic()
    if batched:
        with app.producer_or_acquire() as producer:
            for _ in range(0, requests, MOST):
                with producer.batch(MOST):
                    results += [noop.apply_async(queue=queue, producer=producer) for _ in range(MOST)]
    else:
        results += [noop.apply_async(queue=queue) for _ in range(requests)]
    rate = requests / (time.monotonic() - start)
    with app.connection_for_write() as connection:
        assert connection.default_channel.queue_purge(queue) == len(results)
    return rate


def by_hand(place: WorkersPlace, requests: int, batched: bool) -> float:
    """The script, in a process of its own."""
    argv = [sys.executable, "-m", "benchmarks.batch", "--one", "batched" if batched else "plain"]
    argv += ["--place", place.broker.url.reveal(), place.broker.key_prefix, place.queue, "--requests", str(requests)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120)
    return float(json.loads(done.stdout))


async def compare(options: argparse.Namespace) -> bool:
    """Run the rounds, print them; whether the two ratios agree."""
    load = f"drain:{options.requests}"
    script: list[tuple[float, float]] = []
    rung: list[tuple[float, float]] = []
    async with bench(contenders=[PLAIN, BATCHED], loads=[load]) as running:
        for number in range(1, options.rounds + 1):
            rates = {}
            for contender in (PLAIN, BATCHED):
                batched = contender == BATCHED
                place = running.place(contender)
                rates["script", batched] = await asyncio.to_thread(by_hand, place, options.requests, batched)
                trial = await running.trial(f"noop/{contender}/{load}", number)
                assert trial.publish_per_s is not None
                rates["harness", batched] = trial.publish_per_s
            script.append((rates["script", False], rates["script", True]))
            rung.append((rates["harness", False], rates["harness", True]))
            print(
                f"  round {number}: script {script[-1][0]:,.0f}/s, batched {script[-1][1]:,.0f}/s; "
                f"harness {rung[-1][0]:,.0f}/s, batched {rung[-1][1]:,.0f}/s",
                flush=True,
            )
    bare, bare_ci = paired_ratio([a for a, _ in script], [b for _, b in script])
    told, told_ci = paired_ratio([a for a, _ in rung], [b for _, b in rung])
    print(f"  batched ÷ one by one: script {bare:.2f}{shown(bare_ci)}, harness {told:.2f}{shown(told_ci)}")
    print(f"  harness ÷ script: {told / bare:.3f}; demanded: within {percent(AGREE)} of 1")
    return abs(math.log(told / bare)) <= math.log(1 + AGREE)


def main() -> None:
    """Exit 1 where they do not agree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="rounds (default: %(default)s)")
    parser.add_argument(
        "--requests", type=int, default=2000, help="tasks of each, a multiple of 100 (default: %(default)s)"
    )
    parser.add_argument("--one", choices=["plain", "batched"], help=argparse.SUPPRESS)
    parser.add_argument("--place", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        from harness.contenders.celery.config import configure
        from harness.services.brokers.broker import BrokerPlace

        configure(
            BrokerPlace(broker_url(options.place[0]), broker_url(options.place[0]), options.place[1]), options.place[2]
        )
        print(json.dumps(published_per_s(options.requests, options.one == "batched")))
        return
    print(f"noop, {options.requests} tasks published, {options.rounds} rounds")
    sys.exit(int(not asyncio.run(compare(options))))


if __name__ == "__main__":
    main()

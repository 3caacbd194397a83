"""Whether the harness drives Celery as fast as a hand-written `delay()`/`get()` script does.

`python -m benchmarks.celery_rate`: both call `noop` on the same worker (`celery-prefork:2`), over the same Redis, with
the same settings and the same number in flight, in turn (A B A B …), each in a process of its own. Two hand-written
scripts are tried, and the faster of the two in each pair is the one to compare with: threads that each call
`delay().get()`, and one thread that keeps a sliding window of results.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import threading
import time
from collections import deque

from benchmarks.bench import bench, shown
from harness.contenders.contender import WorkersPlace
from harness.services.brokers.broker import broker_url
from harness.statistics.intervals import paired_ratio

SLOTS = 2
WARMUP_S = 0.5
GET_S = 30.0


def threads_by_hand(in_flight: int, seconds: float) -> float:
    """Requests a second of `in_flight` threads that each call the task and wait for its result."""
    from celery_side.tasks.noop import noop

    counts = [0] * in_flight
    running = True

    def client(number: int) -> None:
        while running:
            noop.delay().get(timeout=GET_S)
            counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(in_flight)]
    for thread in threads:
        thread.start()
    time.sleep(WARMUP_S)
    before, start = sum(counts), time.monotonic()
    time.sleep(seconds)
    rate = (sum(counts) - before) / (time.monotonic() - start)
    running = False
    for thread in threads:
        thread.join()
    return rate


def window_by_hand(in_flight: int, seconds: float) -> float:
    """Requests a second of one thread: it publishes one task more for each result that it has got, oldest first."""
    from celery_side.tasks.noop import noop

    waiting = deque(noop.delay() for _ in range(in_flight))
    begun = time.monotonic()
    count, before, start = 0, 0, 0.0
    while (now := time.monotonic()) < begun + WARMUP_S + seconds:
        if not start and now >= begun + WARMUP_S:
            before, start = count, now
        waiting.popleft().get(timeout=GET_S)
        count += 1
        waiting.append(noop.delay())
    rate = (count - before) / (time.monotonic() - start)
    for result in waiting:
        result.get(timeout=GET_S)
    return rate


BY_HAND = {"threads": threads_by_hand, "window": window_by_hand}


def by_hand(kind: str, place: WorkersPlace, options: argparse.Namespace) -> float:
    """One hand-written script, in a process of its own."""
    argv = [sys.executable, "-m", "benchmarks.celery_rate", "--one", kind]
    argv += ["--place", place.broker.url.reveal(), place.broker.key_prefix, place.queue]
    argv += ["--in-flight", str(options.in_flight), "--seconds", str(options.seconds)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120)
    return float(json.loads(done.stdout))


async def compare(options: argparse.Namespace) -> bool:
    """Run the pairs, print them; whether the harness is no slower."""
    contender, load = f"celery-prefork:{SLOTS}", f"closed:{options.in_flight}"
    pairs = []
    async with bench(
        contenders=[contender], loads=[load], duration=f"{options.seconds}s", warmup=f"{WARMUP_S}s"
    ) as running:
        place = running.place(contender)
        for number in range(1, options.pairs + 1):
            harness = (await running.trial(f"noop/{contender}/{load}", number)).throughput_per_s
            assert harness is not None
            hand = {kind: await asyncio.to_thread(by_hand, kind, place, options) for kind in BY_HAND}
            rates = ", ".join(f"{kind} {rate:,.0f}/s" for kind, rate in hand.items())
            print(f"  pair {number}: harness {harness:,.0f}/s; by hand: {rates}", flush=True)
            pairs.append((max(hand.values()), harness))
    ratio, interval = paired_ratio([hand for hand, _ in pairs], [harness for _, harness in pairs])
    print(f"  harness ÷ the faster by hand: {ratio:.3f}{shown(interval)}; demanded: not below 1")
    return interval is None or interval[1] >= 1


def main() -> None:
    """Exit 1 where the harness is slower."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.celery_rate", description=__doc__)
    parser.add_argument("--pairs", type=int, default=6, help="pairs of runs (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=2.0, help="length of each run, in seconds (default: %(default)s)"
    )
    parser.add_argument("--in-flight", type=int, default=16, help="requests in flight (default: %(default)s)")
    parser.add_argument("--one", choices=sorted(BY_HAND), help=argparse.SUPPRESS)
    parser.add_argument("--place", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        from harness.contenders.celery.config import configure
        from harness.services.brokers.broker import BrokerPlace

        configure(
            BrokerPlace(broker_url(options.place[0]), broker_url(options.place[0]), options.place[1]), options.place[2]
        )
        print(json.dumps(BY_HAND[options.one](options.in_flight, options.seconds)))
        return
    print(
        f"celery-prefork:{SLOTS}, noop, {options.in_flight} in flight, {options.pairs} pairs of {options.seconds:g} s"
    )
    sys.exit(int(not asyncio.run(compare(options))))


if __name__ == "__main__":
    main()

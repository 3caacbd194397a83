"""What the lean producer costs, what it lets the workers do, and whether a bare script does better.

`python -m benchmarks.lean`: no-ops on the same worker (`celery-prefork:2`), over the same Redis, with the same number
in flight, in turn (A B C A B C …), each in a process of its own:

- by hand: a script that fills ids into a message that the application has published, pushes as many at once as results
  have arrived, and takes these from one subscription, on two plain sockets: the least that a client can do in Python;
- the harness with `+lean-producer`;
- the harness with the usual producer.

Demanded: harness ÷ by hand ≥ 0.95; lean ÷ usual ≥ 1.3; of the driver's CPU a task, at most 0.21 of what the usual
producer takes: 0.2 ms on a machine where that takes 0.95.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import hiredis

from benchmarks.bench import bench, shown
from harness.contenders.contender import WorkersPlace
from harness.results.model import Trial
from harness.services.brokers.broker import broker_url
from harness.statistics.intervals import paired_ratio

SLOTS = 2
USUAL, LEAN = f"celery-prefork+usual-producer:{SLOTS}", f"celery-prefork+lean-producer:{SLOTS}"
WARMUP_S = 0.5
HARNESS_LEAST, LEAN_LEAST, CPU_MOST = 0.95, 1.3, 0.21
TRIAL = 900_000_000 + os.getpid()
"""In the ids of the script, so that no trial and no other run of it has the same: a result that is there already is not
stored again."""
MARK = f"{TRIAL}.workbench-id"


class Ran(NamedTuple):
    """One run of a client."""

    per_s: float
    cpu_ms: float
    """Its own, a task."""

    def __str__(self) -> str:
        return f"{self.per_s:,.0f}/s ({self.cpu_ms:.3f} ms of CPU a task)"


def message(queue: str) -> tuple[bytes, bytes]:
    """What the application publishes, and the id in it; it is published to a queue that nobody reads."""
    from celery_side.tasks.noop import noop

    app: Any = noop.app
    aside = f"{queue}-aside"
    noop.apply_async(queue=aside, task_id=MARK)
    with app.connection_for_write() as connection:
        text: bytes = connection.default_channel.client.rpop(aside)
    return text.replace(aside.encode(), queue.encode()), MARK.encode()


class Plain:
    """A socket to Redis."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._socket = socket.create_connection((place.hostname, place.port))
        self._reader = hiredis.Reader()

    def send(self, *words: bytes) -> None:
        """A command."""
        parts = [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
        self._socket.sendall(b"*%d\r\n" % len(words) + b"".join(parts))

    def replies(self) -> list[Any]:
        """All that have arrived, at least one."""
        found: list[Any] = []
        while not found:
            self._reader.feed(self._socket.recv(1 << 18))
            while (reply := self._reader.gets()) is not False:
                found.append(reply)
        return found


def by_hand(place: WorkersPlace, in_flight: int, seconds: float) -> Ran:
    """In this process: as many messages at once as results have arrived."""
    queue = place.queue.encode()
    text, mark = message(place.queue)
    pieces = text.split(mark)
    publishing, results = Plain(place.broker.url.reveal()), Plain(place.broker.url.reveal())
    results.send(b"PSUBSCRIBE", b"celery-task-meta-%d.*" % TRIAL)
    results.replies()
    number, done, more = 0, 0, in_flight
    begin = time.monotonic() + WARMUP_S
    counted: list[tuple[float, float, int]] = []
    """Moment, CPU so far and results so far: at the begin and at the end."""
    while len(counted) < 2:
        publishing.send(b"LPUSH", queue, *[(b"%d.%d" % (TRIAL, number + one)).join(pieces) for one in range(more)])
        publishing.replies()
        number += more
        more = sum(json.loads(reply[3])["status"] == "SUCCESS" for reply in results.replies())
        done += more
        if time.monotonic() >= begin + seconds * len(counted):
            counted.append((time.monotonic(), time.process_time(), done))
    while done < number:
        done += len(results.replies())
    (begun, cpu, before), (ended, used, after) = counted
    return Ran((after - before) / (ended - begun), 1000 * (used - cpu) / (after - before))


def in_own_process(place: WorkersPlace, options: argparse.Namespace) -> Ran:
    """The script."""
    argv = [sys.executable, "-m", "benchmarks.lean", "--one", place.broker.url.reveal(), place.queue]
    argv += ["--in-flight", str(options.in_flight), "--seconds", str(options.seconds)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120)
    return Ran(*json.loads(done.stdout))


def ran(trial: Trial) -> Ran:
    """What a trial of the harness showed."""
    assert trial.throughput_per_s is not None
    assert trial.usage.driver is not None
    used = trial.usage.driver
    return Ran(trial.throughput_per_s, 1000 * used.cpu_s / used.seconds / trial.throughput_per_s)


async def compare(options: argparse.Namespace) -> bool:
    """Run the rounds, print them; whether all demands are met."""
    load = f"closed:{options.in_flight}"
    hands: list[Ran] = []
    trials: dict[str, list[Ran]] = {USUAL: [], LEAN: []}
    async with bench(
        contenders=[USUAL, LEAN], loads=[load], duration=f"{options.seconds}s", warmup=f"{WARMUP_S}s"
    ) as running:
        for number in range(1, options.rounds + 1):
            hands.append(await asyncio.to_thread(in_own_process, running.place(LEAN), options))
            for contender, rows in trials.items():
                rows.append(ran(await running.trial(f"noop/{contender}/{load}", number)))
            lean, usual = trials[LEAN][-1], trials[USUAL][-1]
            print(f"  round {number}: by hand {hands[-1]}; lean {lean}; usual {usual}", flush=True)
    usuals, leans = trials[USUAL], trials[LEAN]
    harness, harness_ci = paired_ratio([one.per_s for one in hands], [one.per_s for one in leans])
    gain, gain_ci = paired_ratio([one.per_s for one in usuals], [one.per_s for one in leans])
    print(f"  harness ÷ by hand: {harness:.3f}{shown(harness_ci)}; demanded: at least {HARNESS_LEAST}")
    print(f"  lean ÷ usual: {gain:.2f}{shown(gain_ci)}; demanded: at least {LEAN_LEAST}")
    cpu, cpu_ci = paired_ratio([one.cpu_ms for one in usuals], [one.cpu_ms for one in leans])
    lean_ms, usual_ms = (fmean(one.cpu_ms for one in rows) for rows in (leans, usuals))
    took = f"{lean_ms:.3f} ms of CPU a task, usual {usual_ms:.3f}"
    print(f"  driver, lean ÷ usual: {cpu:.3f}{shown(cpu_ci)}, {took}; demanded: at most {CPU_MOST}")
    return harness >= HARNESS_LEAST and gain >= LEAN_LEAST and cpu <= CPU_MOST


def main() -> None:
    """Exit 1 where a demand is not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lean", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="rounds (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each run (default: %(default)s)")
    parser.add_argument("--in-flight", type=int, default=32, help="requests in flight (default: %(default)s)")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        from harness.contenders.celery.config import configure
        from harness.services.brokers.broker import BrokerPlace

        url, queue = options.one
        place = BrokerPlace(broker_url(url), broker_url(url))
        configure(place, queue)
        print(
            json.dumps(by_hand(WorkersPlace(broker=place, queue=queue, log=Path()), options.in_flight, options.seconds))
        )
        return
    print(
        f"celery-prefork:{SLOTS}, noop, {options.in_flight} in flight, {options.rounds} rounds of {options.seconds:g} s"
    )
    right = asyncio.run(compare(options))
    sys.stdout.flush()
    os._exit(int(not right))  # as the command line does: threads of libraries may crash an interpreter that ends


if __name__ == "__main__":
    main()

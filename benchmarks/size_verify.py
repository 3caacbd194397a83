"""How often `workbench size --verify` finds its own proposal right: jobs drawn from a seed, each as a command.

`python -m benchmarks.size_verify [--jobs 10] [--seed 1]`. A job waits and computes for drawn times, at a drawn rate, on
a drawn pool beside asyncio. *Wrong*: a trial surely did not go as the proposal said. *Undecided*: others used the
machine, or a queue that wandered could not be told from one that grows. On a quiet machine at least 8 of 10 are right.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from harness.statistics.units import percent

RIGHT_LEAST = 0.8
WAITS_MS, COMPUTES_PERCENT = (20, 50, 100, 200, 400, 800), (0, 0, 2, 5)
RATES_PER_S = (50, 200, 1000, 2000)
POOLS = ("threads", "gevent", "prefork")
LIMIT_S = 300.0
"""For one command."""
FAILED = "failed"


class Drawn(NamedTuple):
    """What `workbench size` is asked for."""

    wait_ms: int
    percent: int
    rate_per_s: int
    pool: str

    @property
    def arguments(self) -> list[str]:
        """After `workbench size`."""
        job = f"sleep:seconds={self.wait_ms / 1000:g}"
        if self.percent:
            job = f"mixed_cpu:work_ms={self.wait_ms},cpu_percent={self.percent}"
        return ["--rate", f"{self.rate_per_s}/s", "--job", job, "--pool", self.pool, "--verify"]


class Found(NamedTuple):
    """What it said."""

    verdict: str
    seen: list[str]


def drawn(jobs: int, seed: int) -> Iterator[Drawn]:
    """Jobs, the same for the same seed."""
    draw = random.Random(seed)
    for _ in range(jobs):
        yield Drawn(draw.choice(WAITS_MS), draw.choice(COMPUTES_PERCENT), draw.choice(RATES_PER_S), draw.choice(POOLS))


def sized(job: Drawn) -> Found:
    """Run it."""
    with tempfile.TemporaryDirectory(prefix="workbench-size-") as folder:
        document = Path(folder) / "run.json"
        argv = [sys.executable, "-m", "harness", "size", *job.arguments, "--quiet", "-o", f"{folder}/run"]
        try:
            ran = subprocess.run(
                [*argv, "--json", str(document)], capture_output=True, text=True, check=False, timeout=LIMIT_S
            )
        except subprocess.TimeoutExpired:
            return Found(FAILED, [f"no end within {LIMIT_S:g} s"])
        if not document.exists():
            return Found(FAILED, ran.stderr.splitlines()[-1:])
        return found(json.loads(document.read_bytes())["run"]["sizing"])


def found(sizing: dict[str, object]) -> Found:
    """The verdict, as the document's types have it, and what each row saw."""
    import msgspec

    from harness.results.model import Sizing

    read = msgspec.convert(sizing, Sizing)
    rows = [f"{row.contender} {_held(row.held)} in trial {row.tries} ({row.why})" for row in read.verified]
    return Found(read.verdict, rows or list(read.left_out))


def _held(held: bool | None) -> str:
    return {True: "keeps up", False: "grows", None: "is not known"}[held]


def main() -> None:
    """Exit 1 if fewer than 8 of 10 are right."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.size_verify", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10, help="how many are drawn (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (default: 1)")
    asked = parser.parse_args()
    verdicts: Counter[str] = Counter()
    for job in drawn(asked.jobs, asked.seed):
        began = time.monotonic()
        said = sized(job)
        verdicts[said.verdict] += 1
        print(f"{said.verdict}: {' '.join(job.arguments)}, {time.monotonic() - began:.0f} s", flush=True)
        for line in said.seen:
            print(f"    {line}", flush=True)
    print(", ".join(f"{verdict} {count}" for verdict, count in verdicts.most_common()))
    print(f"demanded: right in {percent(RIGHT_LEAST)} on a quiet machine")
    sys.exit(int(verdicts["right"] < RIGHT_LEAST * asked.jobs))


if __name__ == "__main__":
    main()

"""How often `workbench ab` with a gate of 5 % fails where both sides are the same checkout.

`python -m benchmarks.identical_pairs`: one `workbench ab` of this checkout with itself, `sleep` on `asyncio:4` and on
`celery-threads:4`; each side is started afresh for every pair. Then 40 comparisons, of 6 pairs drawn from those that
were measured, by the code that `ab` judges with: in each of the drawn pairs, either side may be called the base.
Comparisons share pairs, so that the number of failures varies more than that of 40 runs would.

Demanded: at most 1 of 40 comparisons fails.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.results.model import Results
from harness.results.store import read
from harness.statistics.gates import judge, parse
from harness.statistics.interleaved import merged
from harness.statistics.two_runs import changes
from harness.statistics.units import percent

ROOT = Path(__file__).resolve().parents[1]
CONTENDERS, LOAD = ("asyncio:4", "celery-threads:4"), "closed:8"
GATE = "throughput:5%"
EACH = 6
"""Pairs of a comparison: what `ab` measures by default."""
FAILED_MOST = 1 / 40
Pair = tuple[Results, Results]


def measured(pairs: int, duration: str, folder: Path) -> list[Pair]:
    """The documents of all pairs."""
    contenders = [word for name in CONTENDERS for word in ("-c", name)]
    subprocess.run(
        [
            *(sys.executable, "-m", "harness", "ab", str(ROOT), str(ROOT), "--pairs", str(pairs), "-o", str(folder)),
            *("--", "-w", "sleep", *contenders, "--load", LOAD, "--duration", duration),
        ],
        check=True,
    )
    return kept(folder)


def kept(folder: Path) -> list[Pair]:
    """Those of an earlier run."""
    numbers = sorted(int(place.name) for place in (folder / "base").iterdir())
    return [(read(folder / "base" / str(number)), read(folder / "new" / str(number))) for number in numbers]


def failed(drawn: Sequence[Pair]) -> bool:
    """Whether the gate fails between the first documents and the second."""
    base, new = (merged(part, name) for part, name in zip(zip(*drawn, strict=True), ("base", "new"), strict=True))
    results = judge(parse(GATE), list(changes(base, new, paired=True)))
    return any(result.outcome == "failed" for result in results)


def fails(pairs: Sequence[Pair], comparisons: int) -> int:
    """Of so many comparisons, how many fail."""
    draw = random.Random(1)  # what is drawn is no secret
    number = 0
    for _ in range(comparisons):
        drawn = draw.sample(pairs, EACH)
        number += failed([pair if draw.random() < 0.5 else pair[::-1] for pair in drawn])
    return number


def main() -> None:
    """Exit 1 where the gate fails too often."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identical_pairs", description=__doc__)
    parser.add_argument("--pairs", type=int, default=24, help="pairs that are measured (default: %(default)s)")
    parser.add_argument("--comparisons", type=int, default=40, help="comparisons (default: %(default)s)")
    parser.add_argument("--duration", default="1s", help="length of each window (default: %(default)s)")
    parser.add_argument("--of", type=Path, metavar="DIR", help="judge the pairs of an earlier `workbench ab -o DIR`")
    options = parser.parse_args()
    if options.of:
        pairs = kept(options.of)
    else:
        with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
            pairs = measured(options.pairs, options.duration, Path(folder) / "ab")
    number = fails(pairs, options.comparisons)
    print(f"{len(pairs)} pairs, {options.comparisons} comparisons of {EACH} of them")
    print(
        f"a gate of {GATE} between two sides that are the same: {number} failed; "
        f"demanded: at most {percent(FAILED_MOST, 1)}"
    )
    sys.exit(int(number > FAILED_MOST * options.comparisons))


if __name__ == "__main__":
    main()

"""`python -m chaos`: faults drawn from a seed, one run each, until the time is over; exit status 1 with findings.

`make chaos` is the same: `make chaos SEED=7 CASES=100`, `make chaos ONLY=1234567`.
"""

import argparse
import random
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from chaos.brokers import Brokers
from chaos.case import Case, draw, draw_shared
from chaos.given import Unavailable
from chaos.judging import findings
from chaos.running import Seen, run_case
from chaos.series import SEEDS, Ended, seed_of, series
from harness.services.servers.postgres import find_binaries

MINUTES = 10.0


def main() -> int:
    """Run the cases; print each on a line, then what was found."""
    options = _options()
    seed = seed_of(options.seed)
    print(f"seed {seed}" if options.only is None else f"case {options.only} alone", flush=True)

    def cases(place: Path) -> Generator[Ended]:
        brokers = Brokers()
        try:
            for case in _cases(seed, options):
                state, found, text = one(case, place / str(case.seed), brokers)
                shared = " --shared" if len(case.strikes) > 1 else ""
                again = f"python -m chaos --only {case.seed}{shared}: {case}"
                yield Ended(f"case {case.seed}: {case}", state, text, found, again)
        finally:
            brokers.close()

    return series("chaos", seed, cases)


def one(case: Case, folder: Path, brokers: Brokers) -> tuple[str, list[str], str]:
    """Run a case: its state, its findings, and what became of it in a few words."""
    try:
        if case.workload == "sql_query" and find_binaries() is None:
            raise Unavailable("no PostgreSQL")
        given = brokers.of(case)
        seen = run_case(case, folder, given)
    except Unavailable as reason:
        return "skipped", [], f"skipped: {reason}"
    found = findings(case, seen)
    if given is not None and (found or case.hits_given or seen.left):
        brokers.drop(case)
    state = "with findings" if found else "as promised" if seen.struck else "not reached"
    return state, found, _said(seen, state)


def _said(seen: Seen, state: str) -> str:
    trials = [] if seen.results is None else [trial for cell in seen.results.cells for trial in cell.trials]
    measured = sum(trial.status == "measured" for trial in trials)
    where = "".join(f", {struck.phase}" for struck in seen.struck)
    return f"{state}{where}: exit {seen.status}, {measured} of {len(trials)} trials measured, {seen.seconds:.1f} s"


def _cases(seed: int, options: argparse.Namespace) -> Iterator[Case]:
    """As they are drawn from the seed, until their number or the time is reached."""
    drawn = draw_shared if options.shared else draw
    if options.only is not None:
        yield drawn(options.only)
        return
    rng, end_s = random.Random(seed), time.monotonic() + 60 * options.minutes
    number = 0
    while number < options.cases if options.cases is not None else time.monotonic() < end_s:
        yield drawn(rng.randrange(SEEDS))
        number += 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="from which the cases are drawn; default: another one each time")
    parser.add_argument("--cases", type=int, help="how many; default: as many as the time allows")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long, without --cases (default: 10)")
    parser.add_argument("--shared", action="store_true", help="cases with several faults in one run")
    parser.add_argument("--only", type=int, metavar="CASE", help="this case alone, by the number printed with it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

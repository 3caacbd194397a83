"""`python -m chaos.fleet`: kills parts of a fleet, and holds the run after that against a clean one.

`make kill-matrix SEED=7 CASES=40`: squares of the matrix (`chaos.matrix`), each before any comes again. What was killed
is started again, as whoever keeps a fleet running does; the workers and drivers that live are used as they are.
"""

import argparse
import os
import re
import shutil
import sys
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

from chaos.around import Around
from chaos.case import Case
from chaos.equal import not_equal
from chaos.given import Brokers, Given, Unavailable
from chaos.judging import findings
from chaos.matrix import Square, case_of, drawn, unhurt
from chaos.processes import environment
from chaos.running import Seen, clean, run_case
from chaos.series import Ended, seed_of, series

CASES = 40
EXPIRING = re.compile(r"list_queues: (idle:|driver:|.*:drivers$|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)")
"""Queues on RabbitMQ that go by themselves: of killed workers, drivers, sessions, and of results sent as messages."""


class Outcome(NamedTuple):
    """What a case has come to."""

    hit: Seen
    found: list[str]


class Fleet:
    """Brokers, and what a clean run shows with each kind of workers: asked for once."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._brokers = Brokers()
        self._clean: dict[tuple[str, str, str], Seen] = {}

    def one(self, case: Case) -> Outcome:
        """Hit a run, start again what was killed, run the same unhurt, and compare; raises Unavailable."""
        given = self._brokers.of(case)
        if given is None:
            raise Unavailable(f"no broker of the kind {case.broker}")
        folder = self._place / str(case.seed)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        mark = uuid.uuid4().hex
        around = Around(case, folder, given.url, mark)
        try:
            unhurt_run = self._clean_run(case, folder, given, around)
            hit = run_case(case, folder / "hit", given, around)
            given.again()
            around.again()
            after = run_case(unhurt(case), folder / "after", given, around)
        except BaseException:  # interrupted, too
            around.close()
            raise
        found = [*findings(case, hit), *not_equal(unhurt(case), unhurt_run, after)]
        found += [*around.close(), *_left(folder, given, mark)]
        if found:
            self._brokers.drop(case)
        return Outcome(hit, found)

    def _clean_run(self, case: Case, folder: Path, given: Given, around: Around) -> Seen:
        key = case.contender, case.broker, case.workers
        if key not in self._clean:
            seen = run_case(unhurt(case), folder / "clean", given, around)
            if seen.status != 0:
                raise Unavailable(f"a clean run ended with {seen.status}: {seen.err.strip()[-300:]}")
            self._clean[key] = seen
        return self._clean[key]

    def close(self) -> None:
        """End the brokers."""
        self._brokers.close()


def _left(folder: Path, given: Given, mark: str) -> list[str]:
    """On the broker, after `doctor --clean`."""
    temporary = folder / "tmp"
    for each in temporary.iterdir():
        os.utime(each, (0, 0))
    clean(folder, given.url, environment(mark, temporary))
    left = given.left() or []
    return [f"on the broker: {each}" for each in left if not EXPIRING.match(each)]


def main() -> int:
    """Run the cases; print each on a line, then what was found."""
    options = _options()
    seed = seed_of(options.seed)
    print(f"seed {seed}", flush=True)

    def cases(place: Path) -> Generator[Ended]:
        fleet = Fleet(place)
        try:
            for square, case in _cases(seed, options):
                state, found, text = judged(fleet, case)
                yield Ended(f"{square}: {case}", state, text, found, _again(square, case))
        finally:
            fleet.close()

    return series("fleet", seed, cases)


def judged(fleet: Fleet, case: Case) -> tuple[str, list[str], str]:
    """A case's state, its findings, and what became of it in a few words."""
    try:
        hit, found = fleet.one(case)
    except Unavailable as reason:
        return "skipped", [], f"skipped: {reason}"
    state = "with findings" if found else "as promised" if hit.struck else "not reached"
    where = "".join(f", {struck.phase}" for struck in hit.struck)
    return state, found, f"{state}{where}: exit {hit.status}"


def _again(square: Square, case: Case) -> str:
    return (
        f"python -m chaos.fleet --square {square.killed},{square.when},{square.kind},{square.whose} --case {case.seed}"
    )


def _cases(seed: int, options: argparse.Namespace) -> list[tuple[Square, Case]]:
    if options.square is None:
        return drawn(seed, options.cases)
    square = Square(*options.square.split(","))
    return [(square, case_of(square, options.case if options.case is not None else seed))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos.fleet", description=__doc__)
    parser.add_argument("--seed", type=int, help="from which the cases are drawn; default: another one each time")
    parser.add_argument("--cases", type=int, default=CASES, help=f"how many (default: {CASES})")
    parser.add_argument("--square", metavar="KILLED,WHEN,KIND,WHOSE", help="this square alone, as it is printed")
    parser.add_argument("--case", type=int, help="with --square: the case that is printed with it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""`python -m chaos.fleet`: kills parts of a fleet, and holds the run after that against a clean one.

`make kill-matrix SEED=7 CASES=40`: squares of the matrix (`chaos.matrix`), each before any comes again. What was killed
is started again, as whoever keeps a fleet running does; the workers and drivers that live are used as they are.
"""

import argparse
import contextlib
import os
import re
import shutil
import sys
import time
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

from chaos.around import Around
from chaos.brokers import Brokers
from chaos.case import Case
from chaos.equal import not_like, not_right
from chaos.given import Given, Unavailable
from chaos.judging import findings
from chaos.matrix import Square, case_of, drawn, unhurt
from chaos.processes import environment
from chaos.running import Seen, clean, run_case
from chaos.series import Ended, seed_of, series

CASES = 40
EXPIRING = r"queue (idle:|driver:|.*:drivers$|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)"
"""Queues on RabbitMQ that go by themselves: of killed workers, drivers, sessions, and of results sent as messages."""
EXPIRING_AWAY = r"(queue|exchange) (workbench-[0-9a-f]{6}-|run:[0-9a-f]{6}:)"
"""The same of a run that ended while the broker was away, so that it could remove nothing."""
Like = tuple[str, str, str]
TIMES = 3
"""A square is tried so often, with another case, where the moment of its case never came."""


class Outcome(NamedTuple):
    """What a case has come to."""

    hit: Seen
    found: list[str]


class Fleet:
    """Brokers, and what a clean run shows with each kind of workers: asked for once."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._brokers = Brokers()
        self._clean: dict[Like, Seen] = {}

    def one(self, case: Case) -> Outcome:
        """Hit a run, start again what was killed, run the same unhurt, and compare; raises Unavailable."""
        given, folder, mark = self._given(case), self._place / str(case.seed), uuid.uuid4().hex
        with _around(case, folder, given, mark) as around:
            usual = self._usual(case, folder, given, around)
            if usual.status != 0:
                del self._clean[_like(case)]
                return Outcome(usual, [f"a clean run: exit {usual.status}: {usual.err.strip()[-300:]}"])
            hit = run_case(case, folder / "hit", given, around)
            given.again()
            around.again()
            after = run_case(unhurt(case), folder / "after", given, around)
            found = [*findings(case, hit), *not_right(unhurt(case), after), *around.close()]
        found += _left(case, folder, given, mark)
        different = [*not_like(usual, after)]
        if found or different or any(strike.role == "rabbitmq" for strike in case.strikes):
            self._brokers.drop(case)
        if different:  # from what a clean run does by now, on a machine that others use?
            found += not_like(self._afresh(case), after)
        return Outcome(hit, found)

    def _given(self, case: Case) -> Given:
        given = self._brokers.of(case)
        if given is None:
            raise Unavailable(f"no broker of the kind {case.broker}")
        return given

    def _usual(self, case: Case, folder: Path, given: Given, around: Around) -> Seen:
        """What a clean run of that kind shows."""
        if _like(case) not in self._clean:
            self._clean[_like(case)] = run_case(unhurt(case), folder / "clean", given, around)
        return self._clean[_like(case)]

    def _afresh(self, case: Case) -> Seen:
        """The same, on a broker and with workers to which nothing has been done."""
        del self._clean[_like(case)]
        given, folder = self._given(case), self._place / f"{case.seed}-afresh"
        with _around(case, folder, given, uuid.uuid4().hex) as around:
            return self._usual(case, folder, given, around)

    def close(self) -> None:
        """End the brokers."""
        self._brokers.close()


def _like(case: Case) -> Like:
    """What its clean run has in common with those of others."""
    return case.broker, case.workers, case.contender


@contextlib.contextmanager
def _around(case: Case, folder: Path, given: Given, mark: str) -> Iterator[Around]:
    """Who waits for the runs of a case, in a folder that is made; ended, whatever happens."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    around = Around(case, folder, given.url, mark)
    try:
        yield around
    finally:
        around.close()


def _left(case: Case, folder: Path, given: Given, mark: str) -> list[str]:
    """On the broker, after `doctor --clean`."""
    temporary = folder / "tmp"
    for each in temporary.iterdir():
        os.utime(each, (0, 0))
    clean(folder, given.url, environment(mark, temporary))
    was_away = any(strike.role == "rabbitmq" for strike in case.strikes)
    expiring = re.compile(f"{EXPIRING}|{EXPIRING_AWAY}" if was_away else EXPIRING)
    return [f"on the broker: {each}" for each in given.left() or [] if not expiring.match(each)]


def main() -> int:
    """Run the cases; print each on a line, then what was found."""
    options = _options()
    seed = seed_of(options.seed)
    print(f"seed {seed}", flush=True)

    def cases(place: Path) -> Generator[Ended]:
        fleet = Fleet(place)
        try:
            for square, case in _cases(seed, options):
                yield ended(fleet, square, case, TIMES if options.case is None else 1)
        finally:
            fleet.close()

    return series("fleet", seed, cases)


def ended(fleet: Fleet, square: Square, case: Case, times: int) -> Ended:
    """What became of a case; of another one of that square, up to so many times, where its moment never came."""
    begun_s = time.monotonic()
    try:
        hit, found = fleet.one(case)
    except Unavailable as reason:
        return Ended(f"{square}: {case}", "skipped", f"skipped: {reason}", [], _again(square, case))
    state = "with findings" if found else "as promised" if hit.struck else "not reached"
    if state == "not reached" and times > 1:
        return ended(fleet, square, case_of(square, case.seed + 1), times - 1)
    where = "".join(f", {struck.phase}" for struck in hit.struck)
    text = f"{state}{where}: exit {hit.status}, {time.monotonic() - begun_s:.0f} s"
    return Ended(f"{square}: {case}", state, text, found, _again(square, case))


def _again(square: Square, case: Case) -> str:
    return (
        f"python -m chaos.fleet --square {square.killed},{square.when},{square.kind},{square.whose} --case {case.seed}"
    )


def _cases(seed: int, options: argparse.Namespace) -> list[tuple[Square, Case]]:
    if options.square is None:
        # one after the other, those that a clean run serves
        return sorted(drawn(seed, options.cases), key=lambda each: _like(each[1]))[options.skip :]
    square = Square(*options.square.split(","))
    return [(square, case_of(square, options.case if options.case is not None else seed))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos.fleet", description=__doc__)
    parser.add_argument("--seed", type=int, help="from which the cases are drawn; default: another one each time")
    parser.add_argument("--cases", type=int, default=CASES, help=f"how many (default: {CASES})")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="leave out the first N: others have run them")
    parser.add_argument("--square", metavar="KILLED,WHEN,KIND,WHOSE", help="this square alone, as it is printed")
    parser.add_argument("--case", type=int, help="with --square: the case that is printed with it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""`python -m chaos.fleet`: kills parts of a fleet, and holds the run after that against a clean one.

`make kill-matrix SEED=7 CASES=40`: squares of the matrix (`chaos.matrix`), each before any comes again. What was killed
is started again, as whoever keeps a fleet running does; workers and drivers that live are used as they are. A square
for which something is not installed (an engine, `rabbitmq-server`) is skipped, with the reason.
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

from chaos.around import Around, Waiting
from chaos.brokers import Brokers
from chaos.case import Case
from chaos.composed import Beside, Composed
from chaos.equal import TOO_LATE, is_disturbed, not_like, not_like_both, not_right, of_load
from chaos.given import Given, Unavailable
from chaos.in_container import InContainer
from chaos.judging import findings
from chaos.matrix import Square, case_of, drawn, square_of, unhurt
from chaos.processes import environment
from chaos.running import Running, Seen, clean, run_case
from chaos.series import Ended, seed_of, series
from harness.services.servers.rabbitmq import find_binaries

CASES = 40
EXPIRING = r"queue (idle:|driver:|.*:drivers$|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)"
"""Queues on RabbitMQ that go by themselves: of killed workers, drivers, sessions, and of results sent as messages."""
EXPIRING_AWAY = r"(queue|exchange) (workbench-[0-9a-f]{6}-|run:[0-9a-f]{6}:)"
"""The same of a run that ended while the broker was away, so that it could remove nothing."""
Like = tuple[str, str, str, bool, int]
REPEATS = 2
"""A case whose run differs while others keep the machine is done again so often at most."""
TIMES = 3
"""A square is tried so often, with another case, where the moment of its case never came."""


class Outcome(NamedTuple):
    """What a case has come to."""

    hit: Seen
    found: list[str]


class Tried(NamedTuple):
    """A case, done once."""

    hit: Seen
    found: list[str]
    """Whatever the machine did meanwhile."""
    different: list[str]
    """How the run after it differs from a clean one before it, and from one after it; what came too late."""
    was_busy: bool
    """Whether any of the three says that others kept the machine."""


class Fleet:
    """Brokers, and what a clean run shows with each kind of workers: asked for once."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._brokers = Brokers()
        self._clean: dict[Like, Seen] = {}

    def one(self, case: Case) -> Outcome:
        """Hit a run, start again what was killed, run the same unhurt, and compare; raises Unavailable.

        Done again, it shows again what the fault has changed, but not what others on the machine did meanwhile.
        """
        tried = self._tried(case)
        for _ in range(REPEATS):
            if tried.found or not (tried.different and tried.was_busy):
                break
            tried = self._tried(case)
        return Outcome(tried.hit, [*tried.found, *tried.different])

    def _tried(self, case: Case) -> Tried:
        given, folder, mark = self._given(case), self._place / str(case.seed), uuid.uuid4().hex
        with _around(case, folder, given, mark) as around:
            usual = self._usual(case, folder, given, around)
            if usual.status != 0:
                del self._clean[_like(case)]
                failed = f"a clean run: exit {usual.status}: {usual.err.strip()[-300:]}"
                is_late = TOO_LATE.search(failed) is not None
                return Tried(usual, [] if is_late else [failed], [failed] if is_late else [], was_busy=is_late)
            hit = _run(case, folder / "hit", given, around)
            if given is not None:
                given.again()
            around.again()
            after = _run(unhurt(case), folder / "after", given, around)
            found = [*findings(case, hit), *not_right(unhurt(case), after), *around.close()]
        found += _left(case, folder, given, mark)
        different = [*not_like(usual, after)]
        if found or different or any(strike.role == "rabbitmq" for strike in case.strikes):
            self._brokers.drop(case)
        found, late = of_load(found, usual, hit, after)
        if late or not different:
            return Tried(hit, found, late, was_busy=bool(late))
        afresh = self._afresh(case)  # what a clean run does by now, on a machine that others use
        both = not_like_both(usual, afresh, after)
        return Tried(hit, found, both, was_busy=any(map(is_disturbed, (usual, after, afresh))))

    def _given(self, case: Case) -> Given | None:
        if case.broker == "own rabbitmq" and find_binaries() is None:
            raise Unavailable("no rabbitmq-server")
        return self._brokers.of(case)

    def _usual(self, case: Case, folder: Path, given: Given | None, around: Waiting) -> Seen:
        """What a clean run of that kind shows."""
        if _like(case) not in self._clean:
            self._clean[_like(case)] = _run(unhurt(case), folder / "clean", given, around)
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
    return case.broker, case.workers, case.contender, case.in_compose, case.drivers


def _run(case: Case, folder: Path, given: Given | None, around: Waiting) -> Seen:
    return run_case(case, folder, given, around, InContainer if case.in_compose else Running)


@contextlib.contextmanager
def _around(case: Case, folder: Path, given: Given | None, mark: str) -> Iterator[Waiting]:
    """Who waits for the runs of a case, in a folder that is made; ended, whatever happens."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    around: Waiting
    if isinstance(given, Composed):
        around = Beside(case, given)
    else:
        around = Around(case, folder, given.url if given is not None else None, mark)
    try:
        yield around
    finally:
        around.close()


def _left(case: Case, folder: Path, given: Given | None, mark: str) -> list[str]:
    """On a broker that was given, after `doctor --clean`."""
    if given is None:
        return []
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
    return [(options.square, case_of(options.square, options.case if options.case is not None else seed))]


def _square(text: str) -> Square:
    try:
        return square_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos.fleet", description=__doc__)
    parser.add_argument("--seed", type=int, help="from which the cases are drawn; default: another one each time")
    parser.add_argument("--cases", type=int, default=CASES, help=f"how many (default: {CASES})")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="leave out the first N: others have run them")
    parser.add_argument(
        "--square", type=_square, metavar="KILLED,WHEN,KIND,WHOSE", help="this square alone, as it is printed"
    )
    parser.add_argument("--case", type=int, help="with --square: the case that is printed with it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

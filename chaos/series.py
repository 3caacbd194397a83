"""A series of cases, one after the other: what is printed of each, and what is left of all at the end."""

import contextlib
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NamedTuple

SEEDS = 2**31


class Ended(NamedTuple):
    """What became of a case."""

    case: str
    """As it is printed."""
    state: str
    """`as promised`, `with findings`, `not reached` or `skipped`: how many there are of each is counted."""
    text: str
    """The same in a few words."""
    found: list[str]
    """What did not hold."""
    again: str
    """The command that runs this case alone."""


def seed_of(given: int | None) -> int:
    """The one given, else another one each time."""
    return given if given is not None else random.SystemRandom().randrange(SEEDS)


def series(name: str, seed: int, cases: Callable[[Path], Generator[Ended]]) -> int:
    """Run the cases in a temporary folder with that name; print each on a line, then those that failed.

    SIGINT and SIGTERM end the case under way, and the series. Returns the exit status: 1 with findings. The folder is
    kept then, and removed otherwise.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, _interrupt)
    place = Path(tempfile.mkdtemp(prefix=f"workbench-{name}-"))
    place.chmod(0o711)  # PostgreSQL does not run as root
    states: Counter[str] = Counter()
    failed: list[Ended] = []
    with contextlib.closing(cases(place)) as ended:
        try:
            for number, case in enumerate(ended, start=1):
                states[case.state] += 1
                print(f"{number:4} {case.case}: {case.text}", *case.found, sep="\n       ", flush=True)
                failed += [case] if case.found else []
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
    print(", ".join(f"{count} {state}" for state, count in sorted(states.items())), f"(seed {seed})")
    for case in failed:
        print(f"{case.again}: {case.found[0].splitlines()[0]}")
    if failed:
        print(f"What the runs left is in {place}.")
    else:
        shutil.rmtree(place, ignore_errors=True)
    return 1 if failed else 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt

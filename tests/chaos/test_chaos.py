"""Cases of `make chaos`, other ones each day, as many as the time of a test run has room for."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.brokers import Brokers
from chaos.case import SLOW, Case, draw, draw_shared
from chaos.judging import findings
from chaos.running import run_case

SINGLE, SEVERAL = 4, 3
"""Cases with one fault, and cases with four: sixteen faults."""
SEED = 739_946
"""The same cases in each run: what a change has broken, and not what was drawn today. `make chaos` draws others."""
COSTLY = (*SLOW, "rabbitmq")
"""Roles that take seconds to start."""


def single(seed: int) -> Iterator[Case]:
    """Those of a day, without what takes long to start: `make chaos` has all."""
    rng = random.Random(seed)
    while True:
        case = draw(rng.randrange(2**31))
        costly = any(strike.role in COSTLY for strike in case.strikes) or case.workers == "external"
        if not costly and case.broker != "rabbitmq" and case.workload != "sql_query":
            yield case


def several(seed: int) -> Iterator[Case]:
    """Those of a day with several faults."""
    rng = random.Random(seed)
    while True:
        yield draw_shared(rng.randrange(2**31))


@pytest.fixture(scope="module")
def brokers() -> Iterator[Brokers]:
    """Those that are given to runs."""
    started = Brokers()
    yield started
    started.close()


@pytest.mark.parametrize("number", range(SINGLE + SEVERAL))
def test_whatever_is_hit_the_run_keeps_its_promises(number: int, brokers: Brokers, tmp_path: Path) -> None:
    """Exit status, true reason, an end within the deadline, reports, nothing left."""
    drawn = itertools.islice(single(SEED), number, None) if number < SINGLE else several(SEED + 1 + number)
    case = next(drawn)
    found = findings(case, run_case(case, tmp_path / "case", brokers.of(case)))
    shared = " --shared" if number >= SINGLE else ""
    assert found == [], f"python -m chaos --only {case.seed}{shared}: {case}"

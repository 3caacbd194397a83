"""Cases of `make chaos`, other ones each day, as many as the time of a test run has room for."""

import datetime
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.case import Case, draw
from chaos.given import Brokers
from chaos.judging import findings
from chaos.running import run_case

CASES = 6
COSTLY = ("rabbitmq", "postgres", "beat")
"""Roles that take seconds to start."""


def cases(seed: int) -> Iterator[Case]:
    """Those of a day, without what takes long to start: `make chaos` has all."""
    rng = random.Random(seed)
    while True:
        case = draw(rng.randrange(2**31))
        if case.role not in COSTLY and case.broker != "rabbitmq" and case.workload != "sql_query":
            yield case


@pytest.fixture(scope="module")
def brokers() -> Iterator[Brokers]:
    """Those that are given to runs."""
    started = Brokers()
    yield started
    started.close()


@pytest.mark.parametrize("number", range(CASES))
def test_whatever_is_hit_the_run_keeps_its_promises(number: int, brokers: Brokers, tmp_path: Path) -> None:
    """Exit status, true reason, an end within the deadline, reports, nothing left."""
    today = datetime.datetime.now(datetime.UTC).date().toordinal()
    case = next(itertools.islice(cases(today), number, None))
    found = findings(case, run_case(case, tmp_path / "case", brokers.of(case)))
    assert found == [], f"day {today}, python -m chaos --only {case.seed}: {case}"

"""Cases of `make chaos`, as many as the time of a test run has room for; the scheduled ones are drawn anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.brokers import Brokers
from chaos.case import Case, draw, draw_shared
from chaos.judging import findings
from chaos.running import run_case

SINGLE = (412, 1120, 1268, 1982188240)
"""With one fault each: a worker that is stopped for good, an origin that dies while it starts, the workbench itself."""
SHARED = (740_242, 741_731)
"""With four faults each. Together: every role of a run of its own, and every moment of a trial."""


@pytest.fixture(scope="module")
def brokers() -> Iterator[Brokers]:
    """Those that are given to runs."""
    started = Brokers()
    yield started
    started.close()


@pytest.mark.parametrize("case", [*map(draw, SINGLE), *map(draw_shared, SHARED)], ids=lambda case: str(case.seed))
def test_whatever_is_hit_the_run_keeps_its_promises(case: Case, brokers: Brokers, tmp_path: Path) -> None:
    """Exit status, true reason, an end within the deadline, reports, nothing left."""
    found = findings(case, run_case(case, tmp_path / "case", brokers.of(case)))
    shared = " --shared" if case.seed in SHARED else ""
    assert found == [], f"python -m chaos --only {case.seed}{shared}: {case}"


def test_every_role_and_every_moment_of_a_trial_is_hit() -> None:
    """By the cases with several faults."""
    strikes = [strike for seed in SHARED for strike in draw_shared(seed).strikes]
    assert {strike.role for strike in strikes} == {
        *("driver", "fork server", "worker", "all workers", "pool process", "origin", "redis")
    }
    assert {strike.moment for strike in strikes} == {"verification", "warm-up", "window", "drain", "between trials"}

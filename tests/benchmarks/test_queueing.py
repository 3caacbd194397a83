"""The recursion that proofs are held against, and that the harness with `fake` equals it exactly."""

from pathlib import Path

import pytest

from benchmarks.queueing import kiefer_wolfowitz, mean_wait_mdc
from harness.machine.clock import NS
from harness.recording.rows import DUE, EXEC_START, PUBLISH_END
from tests.builders import SilentLink, spec_of
from tests.running import drive

SERVICE_NS = NS // 20


def test_the_recursion_on_arrivals_by_hand() -> None:
    """Two slots, three at once, one later: the third waits for a whole service, the fourth for what is left of one."""
    assert kiefer_wolfowitz([0, 0, 0, 15], service=10, slots=2) == [0, 0, 10, 0]
    assert kiefer_wolfowitz([0, 0, 0, 5], service=10, slots=2) == [0, 0, 10, 5]


def test_one_slot_waits_as_pollaczek_and_khinchine_say() -> None:
    """M/D/1: ρ ÷ 2(1 − ρ) service times."""
    assert mean_wait_mdc(1, 0.5, 50.0) == pytest.approx(25.0)
    assert mean_wait_mdc(1, 0.8, 50.0) == pytest.approx(100.0)


@pytest.mark.parametrize("slots", [1, 4])
@pytest.mark.parametrize("utilisation", [0.5, 0.7, 0.85])
def test_the_harness_equals_the_recursion_in_virtual_time(tmp_path: Path, slots: int, utilisation: float) -> None:
    """To the nanosecond, for every request: due times, queue and slots are the theory's."""
    rate = utilisation * slots * NS / SERVICE_NS
    spec = spec_of(tmp_path / "spool", slots=slots, load=f"open:{rate}/s", warmup_s=0.0, duration_s=20.0)
    run = drive(spec, SilentLink())
    rows = run.rows[run.rows[:, DUE].argsort(kind="stable")]
    waits = (rows[:, EXEC_START] - rows[:, PUBLISH_END]).tolist()
    assert len(waits) > 100
    assert waits == kiefer_wolfowitz(rows[:, DUE].tolist(), SERVICE_NS, slots)

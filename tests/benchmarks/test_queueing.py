"""The recursion that proofs are held against, and that the harness with `fake` equals it exactly."""

from pathlib import Path

import msgspec
import pytest

from benchmarks.queueing import kiefer_wolfowitz, mean_wait_mdc, recovery
from harness.loads.surge import ENDED, RECOVERED, SAMPLE_S
from harness.machine.clock import NS
from harness.recording.parts import parts_of
from harness.recording.rows import DUE, EXEC_START, NUMBER, PUBLISH_END
from tests.builders import SilentLink, spec_of
from tests.running import drive
from workloads.catalogue.mix import Mix, MixParams
from workloads.workload import Figures, Services

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


def test_a_surge_by_hand() -> None:
    """One slot, 10 a request, one every 20; for 100, one every 5."""
    usual, surge, after = range(0, 100, 20), range(100, 200, 5), range(200, 600, 20)
    # Ten are left at its end. In each 20, two are served and one comes, until one is under way: nine times 20.
    assert recovery([*usual, *surge, *after], service=10, slots=1, lasts=100, look=1) == pytest.approx(180, abs=20)
    assert recovery([*usual, *surge], service=10, slots=1, lasts=100, look=1) == pytest.approx(90, abs=10)


def test_the_harness_recovers_when_the_queue_does(tmp_path: Path) -> None:
    """In virtual time, to the moments at which both look."""
    spec = spec_of(tmp_path / "spool", slots=4, load="surge:40/s*3:2s", warmup_s=0.0)
    run = drive(spec, SilentLink())
    marks = run.recording.marks
    due = sorted(run.rows[:, DUE].tolist())
    theory = recovery(due, SERVICE_NS, 4, 2 * NS, round(SAMPLE_S * NS))
    assert theory is not None
    assert theory > NS
    assert marks[RECOVERED] - marks[ENDED] == pytest.approx(theory, abs=0.05 * NS)


@pytest.mark.parametrize(
    "jobs",
    ["95%:20ms,5%:2s", "95%:20ms:exponential,5%:2s:exponential", "80%:20ms:lognormal,15%:100ms,5%:1s:exponential"],
)
def test_a_mix_of_jobs_slows_the_short_ones_as_the_recursion_says(tmp_path: Path, jobs: str) -> None:
    """M/G/c on the same draws: each wait, and so the slowdown that the workload reports."""
    slots = 4
    params = MixParams(jobs=jobs)
    mix = Mix(params, Services(), 1)
    spec = spec_of(
        tmp_path / "spool",
        workload="mix",
        params=msgspec.to_builtins(params),
        slots=slots,
        load=f"open:{0.7 * slots / mix.ideal_s}/s",
        warmup_s=0.0,
        duration_s=60.0,
    )
    run = drive(spec, SilentLink())
    rows = run.rows[run.rows[:, DUE].argsort(kind="stable")]
    drawn = [mix.part(number) for number in rows[:, NUMBER].tolist()]
    services = [round(job.alone_s * NS) for job in drawn]
    waits = kiefer_wolfowitz(rows[:, DUE].tolist(), services, slots)
    seen = (rows[:, EXEC_START] - rows[:, DUE]).tolist()
    assert seen == pytest.approx(waits, abs=len(waits))  # draws are rounded to the nanosecond
    window = run.recording.opened_ns, run.recording.closed_ns
    within = [window[0] <= due < window[1] for due in rows[:, DUE].tolist()]
    short = [n for n, job in enumerate(drawn) if within[n] and job.name == "short"]
    slowdown = sum(waits[n] + services[n] for n in short) / sum(services[n] for n in short)
    figures = Figures(throughput_per_s=1.0, mean_ms=1.0, parts=parts_of([Path(spec.spool)], *window, mix))
    assert len(short) > 1000
    assert slowdown > 2
    assert mix.derive(figures)["short_slowdown_times"] == pytest.approx(slowdown, rel=0.03)

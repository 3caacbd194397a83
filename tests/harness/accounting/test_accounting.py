"""From recording and readings to a trial, and from trials to a summary."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from harness.accounting.accounting import (
    Floor,
    RoleReadings,
    machine_between,
    served_between,
    summary_of,
    trial_of,
    usage_between,
)
from harness.contenders.fake import Fake
from harness.loads.load import parse_load
from harness.machine.usage import MachineReading, Reading
from harness.recording.fold import new_histogram
from harness.results.model import Settings, Summary, Trial
from tests import builders
from tests.builders import SilentLink, latency_of, spec_of, stages_of
from tests.running import drive

S = 1_000_000_000
SETTINGS = Settings(asked={}, effective={})


def reading(at_s: float, cpu_s: float, **changes: Any) -> Reading:
    """A role's counters at a moment."""
    values: dict[str, Any] = {"at_ns": int(at_s * S), "cpu_s": cpu_s, "main_cpu_s": cpu_s, "processes": 1}
    return Reading(**(values | changes))


def test_a_role_is_accounted_over_its_own_interval() -> None:
    """Two readings three seconds apart by its own clock, whatever the driver's window was."""
    usage = usage_between(reading(7.0, 10.0), reading(10.0, 11.5, memory_mb=50.0, memory_kind="pss"))
    assert (usage.cpu_s, usage.seconds, usage.memory_mb, usage.memory_kind) == (1.5, 3.0, 50.0, "pss")


def test_the_busiest_process_is_found_by_its_own_difference() -> None:
    """Not the one that has used most since it started; one that began meanwhile counts from nothing."""
    first = reading(0.0, 9.0, cpu_each={"1": 8.0, "2": 1.0})
    last = reading(1.0, 10.0, cpu_each={"1": 8.1, "2": 1.5, "3": 0.4})
    assert usage_between(first, last).busiest_cpu_s == pytest.approx(0.5)
    assert usage_between(reading(0.0, 1.0), reading(1.0, 1.0)).busiest_cpu_s is None


def test_what_the_origin_served_is_between_two_of_its_readings() -> None:
    """Count and mean time; nothing where it does not count."""
    first, last = reading(0.0, 0.0, count=10, busy_s=1.0), reading(2.0, 0.0, count=30, busy_s=2.0)
    served = served_between(first, last)
    assert served is not None
    assert (served.requests, served.seconds, served.mean_ms) == (20, 2.0, 50.0)
    assert served_between(reading(0.0, 0.0), last) is None


def test_what_others_used_of_the_machine_is_all_without_our_own() -> None:
    """Ten CPU-seconds in all, seven of them ours."""
    first = MachineReading(at_ns=0, busy_s=100.0, steal_s=1.0, own_s=20.0)
    last = MachineReading(at_ns=10 * S, busy_s=110.0, steal_s=1.5, own_s=27.0)
    machine = machine_between(first, last, cpus=2)
    assert (machine.others_cpu_s, machine.steal_s, machine.seconds, machine.cpus) == (3.0, 0.5, 10.0, 2)


def accounted(
    tmp_path: Path, load: str = "closed:8", readings: RoleReadings | None = None, executed: list[int] | None = None
) -> Trial:
    """A trial of `fake` (80 requests a second), with what driver and other roles are said to have used."""
    driven = drive(spec_of(tmp_path / "spool", load=load), SilentLink(), Fake())
    recording = msgspec.structs.replace(driven.recording, driver=(reading(0.0, 0.0), reading(2.0, 0.8)))
    return trial_of(
        round_number=1,
        order=0,
        load=parse_load(load, "the test"),
        recording=recording,
        fold=driven.fold,
        readings=readings or RoleReadings(),
        executed=None if executed is None else np.array(executed, dtype=np.int64),
        slots=4,
        cpus=2,
    )


def test_cpu_of_a_steady_window_is_a_rate_of_each_role(tmp_path: Path) -> None:
    """0.4 cores of the driver over 2 s, 0.4 of the workers over 4 s: 0.8 cores for 80 requests a second."""
    pairs = {"workers": (reading(0.0, 0.0), reading(4.0, 1.6))}
    assert accounted(tmp_path, readings=RoleReadings(pairs=pairs)).cpu_s_per_1000 == pytest.approx(10.0, rel=1e-3)


def test_cpu_of_a_load_that_ends_is_what_was_used_for_all(tmp_path: Path) -> None:
    """0.8 CPU-seconds for forty requests."""
    assert accounted(tmp_path, load="drain:40").cpu_s_per_1000 == pytest.approx(20.0)


def test_cpu_is_left_blank_where_a_role_is_missing(tmp_path: Path) -> None:
    """Never 0, and never the rest alone; the origin is left out anyway."""
    assert accounted(tmp_path, readings=RoleReadings(missing={"workers": "no answer"})).cpu_s_per_1000 is None
    missing_origin = RoleReadings(missing={"origin": "not ours"})
    assert accounted(tmp_path, readings=missing_origin).cpu_s_per_1000 == pytest.approx(5.0, rel=1e-3)


def test_a_mismatch_of_ids_fails_the_trial(tmp_path: Path) -> None:
    """Answers without an execution: the figures cannot be."""
    trial = accounted(tmp_path, executed=[])
    assert trial.status == "failed"
    assert "no worker executed them" in str(trial.error)


def test_executions_and_duplicates_are_in_the_trial(tmp_path: Path) -> None:
    """Counted by id."""
    issued = drive(spec_of(tmp_path / "again"), SilentLink(), Fake()).recording.issued
    trial = accounted(tmp_path, executed=[-1, *range(issued), 5, 5])
    assert (trial.status, trial.executions, trial.duplicates) == ("measured", issued + 3, 2)
    assert "duplicated" in [doubt.kind for doubt in trial.doubts]


def test_means_of_the_stages_add_up_to_the_mean_latency(tmp_path: Path) -> None:
    """Exactly, in a trial and in its summary."""
    trial = accounted(tmp_path)
    summary = summary_of([trial], None, SETTINGS, Floor(), is_floor=False)
    assert trial.latency_ms is not None
    assert summary is not None
    assert sum(summary.stages_ms.values()) == pytest.approx(trial.latency_ms.mean, rel=1e-9)


def of_trials(trials: list[Trial], floor: Floor | None = None) -> Summary:
    """Their summary."""
    summary = summary_of(trials, 200.0, SETTINGS, floor or Floor(), is_floor=False)
    assert summary is not None
    return summary


def trial(round_number: int = 1, middle_ms: float = 10.0, samples: int = 1000, **changes: Any) -> Trial:
    """A trial with a histogram of that many samples at one latency."""
    histogram = new_histogram()
    histogram.record_value(int(1000 * middle_ms), samples)
    made = builders.trial_of(round_number, latency_ms=latency_of(middle_ms), ok=samples, **changes)
    return msgspec.structs.replace(made, histograms={"latency": histogram.encode().decode()})


def test_percentiles_are_those_of_all_samples_together() -> None:
    """Nine tenths at 10 ms, one at 50 ms: the p99 is 50 ms, which no mean of two p99s would give."""
    latency = of_trials([trial(1, 10.0, 9000), trial(2, 50.0, 1000)]).latency_ms
    assert latency.p50 == pytest.approx(10.0, rel=1e-3)
    assert latency.p99 == pytest.approx(50.0, rel=1e-3)
    assert latency.mean == pytest.approx(14.0)


def test_intervals_of_latencies_come_from_the_trials() -> None:
    """One value a trial; none where a trial has none."""
    trials = [trial(n, middle_ms) for n, middle_ms in enumerate([10.0, 10.5, 9.5], start=1)]
    interval = of_trials(trials).latency_ci95_ms["p99"]
    assert interval is not None
    assert interval[0] < 30.0 < interval[1]
    blank = msgspec.structs.replace(latency_of(10.0), p99=None)
    trials[1] = msgspec.structs.replace(trials[1], latency_ms=blank)
    assert of_trials(trials).latency_ci95_ms["p99"] is None
    assert of_trials(trials).latency_ci95_ms["p50"] is not None


def test_stages_weigh_by_requests() -> None:
    """A trial with nine times the requests counts nine times."""
    found = of_trials(
        [trial(1, samples=900, stages_ms=stages_of(10.0)), trial(2, samples=100, stages_ms=stages_of(20.0))]
    )
    assert found.stages_ms["execution"] == pytest.approx(11.0)


def test_a_makespan_that_one_trial_never_reached_is_blank() -> None:
    """The others' mean would be of the lucky ones."""
    spans: list[dict[str, float | None]] = [{"p50": 10.0, "all": 40.0}, {"p50": 10.0, "all": None}]
    found = of_trials([trial(n, makespan_ms=span) for n, span in enumerate(spans, start=1)]).makespan_ms
    assert found == {"p50": pytest.approx(10.0), "all": None}


def test_the_floor_is_taken_over_and_doubted_where_it_is_the_latency() -> None:
    """A no-op of 3 ms is much of 10 ms."""
    summary = of_trials([trial()], Floor(latency_ms=3.0, slot_overhead_ms=2.0))
    assert (summary.floor_ms, summary.slot_overhead_ms) == (3.0, 2.0)
    assert "floor" in [doubt.kind for doubt in summary.doubts]


def test_trials_that_failed_are_no_part_of_a_summary() -> None:
    """And without any other there is none."""
    failed = trial(2, status="failed")
    assert of_trials([trial(), failed]).trials == 1
    assert summary_of([failed], None, SETTINGS, Floor(), is_floor=False) is None

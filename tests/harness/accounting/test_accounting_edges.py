"""Accounting where something is missing, mixed or wrong, and what trials hand on to their summary."""

import os
import subprocess
import sys
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
from harness.contenders.fake import Fake, Serve, echo
from harness.loads.load import parse_load
from harness.machine.usage import MachineReading, Reading
from harness.recording.fold import new_histogram
from harness.results.model import Doubt, Settings, Stage, Stages, Summary, Trial, Usages
from tests import builders
from tests.builders import SilentLink, latency_of, spec_of, stages_of, usage_of
from tests.running import drive
from workloads.workload import Payload

S = 1_000_000_000
SETTINGS = Settings(asked={}, effective={})
IDLE_DRIVER = (0.0, 0.8, 2.0)
"""CPU-seconds at the first and at the last reading, and the seconds between."""


def reading(at_s: float, cpu_s: float, **changes: Any) -> Reading:
    """A role's counters at a moment."""
    values: dict[str, Any] = {"at_ns": int(at_s * S), "cpu_s": cpu_s, "main_cpu_s": cpu_s, "processes": 1}
    return Reading(**(values | changes))


def pair(first_cpu_s: float, last_cpu_s: float, seconds: float) -> tuple[Reading, Reading]:
    """Two readings so far apart."""
    return reading(5.0, first_cpu_s), reading(5.0 + seconds, last_cpu_s)


def failing(*numbers: int) -> Serve:
    """Those requests fail."""

    def serve(number: int, payload: Payload) -> Any:
        if number in numbers:
            raise OSError("injected")
        return echo(number, payload)

    return serve


def accounted(
    tmp_path: Path,
    load: str = "closed:8",
    *,
    readings: RoleReadings | None = None,
    executed: list[int] | None = None,
    serve: Serve = echo,
    driver: tuple[float, float, float] | None = IDLE_DRIVER,
    slots: int = 4,
    recording: dict[str, Any] | None = None,
    **changes: Any,
) -> Trial:
    """A trial of `fake` on four slots, 80 requests a second, with what the roles are said to have used."""
    spec = spec_of(tmp_path / "spool", load=load, slots=slots, **changes)
    driven = drive(spec, SilentLink(), Fake(serve))
    said = {"driver": None if driver is None else pair(*driver)} | (recording or {})
    return trial_of(
        round_number=3,
        order=7,
        load=parse_load(load, "the test"),
        recording=msgspec.structs.replace(driven.recording, **said),
        fold=driven.fold,
        readings=readings or RoleReadings(),
        executed=None if executed is None else np.array(executed, dtype=np.int64),
        slots=slots,
        cpus=2,
    )


def kinds(found: Trial | Summary) -> list[str]:
    """The kinds of its doubts."""
    return [doubt.kind for doubt in found.doubts]


def test_each_figure_of_a_role_is_a_difference() -> None:
    """The main process's too; processes and memory are those of the last reading."""
    first = reading(1.0, 50.0, main_cpu_s=20.0, processes=9)
    usage = usage_between(first, reading(3.0, 53.0, main_cpu_s=20.5, processes=4, memory_mb=7.0))
    assert (usage.cpu_s, usage.main_cpu_s, usage.seconds) == (3.0, 0.5, 2.0)
    assert (usage.processes, usage.memory_mb) == (4, 7.0)


def test_a_role_whose_processes_ended_meanwhile_used_no_less_than_nothing() -> None:
    """Their CPU goes with them: 0, and never below."""
    usage = usage_between(reading(0.0, 10.0), reading(1.0, 4.0))
    assert (usage.cpu_s, usage.main_cpu_s) == (0.0, 0.0)


def test_what_the_origin_did_not_serve_took_no_time() -> None:
    """No mean of nothing; and none where it does not time itself."""
    quiet = served_between(reading(0.0, 0.0, count=4, busy_s=1.0), reading(2.0, 0.0, count=4, busy_s=1.0))
    untimed = served_between(reading(0.0, 0.0, count=4), reading(2.0, 0.0, count=9, busy_s=1.0))
    assert quiet is not None
    assert untimed is not None
    assert (quiet.requests, quiet.mean_ms) == (0, None)
    assert (untimed.requests, untimed.mean_ms) == (5, None)


def test_others_use_no_less_than_nothing_of_the_machine() -> None:
    """Two counters that are read one after the other may disagree a little."""
    first = MachineReading(at_ns=0, busy_s=10.0, steal_s=5.0, own_s=10.0)
    machine = machine_between(first, MachineReading(at_ns=S, busy_s=11.0, steal_s=4.9, own_s=11.1), cpus=2)
    assert (machine.others_cpu_s, machine.steal_s) == (0.0, 0.0)


def test_cpu_counts_driver_workers_and_broker_each_over_its_own_interval(tmp_path: Path) -> None:
    """0.4 + 0.4 + 0.8 cores for 80 a second; the origin's two cores are left out."""
    pairs = {"workers": pair(9.0, 10.6, 4.0), "broker": pair(1.0, 1.8, 1.0), "origin": pair(0.0, 20.0, 10.0)}
    trial = accounted(tmp_path, readings=RoleReadings(pairs=pairs))
    assert trial.cpu_s_per_1000 == pytest.approx(20.0, rel=1e-3)


def test_cpu_of_a_load_that_ends_adds_up_what_each_role_used(tmp_path: Path) -> None:
    """0.8 + 1.6 + 0.4 CPU-seconds, however long each was watched, for the 40 that were answered well."""
    pairs = {"workers": pair(9.0, 10.6, 4.0), "broker": pair(1.0, 1.4, 1.0)}
    readings = RoleReadings(pairs=pairs)
    for load in ("drain:40", "burst:40"):
        assert accounted(tmp_path, load, readings=readings).cpu_s_per_1000 == pytest.approx(70.0)
    some = accounted(tmp_path, "burst:40", readings=readings, serve=failing(*range(20)), warmup_s=0.0)
    assert some.cpu_s_per_1000 == pytest.approx(140.0)


@pytest.mark.parametrize("role", ["workers", "broker"])
@pytest.mark.parametrize("load", ["closed:8", "drain:40"])
def test_cpu_is_blank_where_any_role_that_counts_could_not_be_read(tmp_path: Path, load: str, role: str) -> None:
    """The rest alone would look cheap."""
    assert accounted(tmp_path, load, readings=RoleReadings(missing={role: "gone"})).cpu_s_per_1000 is None


def test_cpu_is_blank_without_the_drivers_or_without_a_good_reply(tmp_path: Path) -> None:
    """And the trial says why there is no driver."""
    virtual = accounted(tmp_path, driver=None)
    assert virtual.cpu_s_per_1000 is None
    assert virtual.usage.driver is None
    assert virtual.usage.missing.keys() == {"driver"}
    none_good = accounted(tmp_path, "burst:4", serve=failing(0, 1, 2, 3), warmup_s=0.0)
    assert (none_good.ok, none_good.cpu_s_per_1000) == (0, None)


def test_a_fault_of_ids_leaves_a_disqualified_trial_disqualified(tmp_path: Path) -> None:
    """A wrong reply is what its user must see; the same fault fails a measured one."""
    wrong = {"status": "disqualified", "error": "a reply was wrong"}
    trial = accounted(tmp_path, executed=[], recording=wrong)
    assert (trial.status, trial.error) == ("disqualified", "a reply was wrong")
    assert accounted(tmp_path, executed=[]).status == "failed"


def test_a_window_in_which_nothing_was_due_fails(tmp_path: Path) -> None:
    """With what to do about it; nothing is measured, rather than a rate of 0."""
    trial = accounted(tmp_path, "open:1/s:uniform", warmup_s=0.2, duration_s=0.3)
    assert (trial.status, trial.submitted, trial.throughput_per_s) == ("failed", 0, None)
    assert trial.error is not None
    assert trial.error.startswith("no request was due in the window")
    assert "--duration" in trial.error
    assert trial.bottleneck is None


def test_a_trial_that_failed_keeps_its_own_reason_where_nothing_was_due(tmp_path: Path) -> None:
    """It is the first that went wrong."""
    aborted = {"status": "failed", "error": "the workers have died"}
    trial = accounted(tmp_path, "open:1/s:uniform", warmup_s=0.2, duration_s=0.3, recording=aborted)
    assert (trial.status, trial.error) == ("failed", "the workers have died")


def test_a_failure_in_the_warm_up_is_doubted_without_being_counted(tmp_path: Path) -> None:
    """It is no part of the figures."""
    trial = accounted(tmp_path, serve=failing(5))
    assert (trial.failed, trial.ok) == (0, trial.submitted)
    assert "not-all-ok" in kinds(trial)
    assert [(failure.kind, failure.count) for failure in trial.failures] == [("OSError", 1)]
    assert "not-all-ok" not in kinds(accounted(tmp_path))


def test_a_trial_carries_the_doubts_of_all_that_was_seen(tmp_path: Path) -> None:
    """Its limit, its clocks, its machine and its load."""
    noise = (
        MachineReading(at_ns=0, busy_s=0.0, steal_s=0.0, own_s=0.0),
        MachineReading(at_ns=S, busy_s=1.5, steal_s=0.0, own_s=0.5),
    )
    trial = accounted(
        tmp_path,
        "open:200/s:uniform",
        readings=RoleReadings(machine=noise),
        driver=(0.0, 1.9, 2.0),
        recording={"clocks_comparable": False, "debug": True},
        duration_s=4.0,
    )
    assert trial.bottleneck == "driver"
    assert kinds(trial) == ["driver-bound", "unsustainable", "clock-not-comparable", "debug-mode", "noisy-machine"]


def test_a_machine_is_not_doubted_in_virtual_time(tmp_path: Path) -> None:
    """What others used meanwhile has nothing to do with it."""
    noise = (
        MachineReading(at_ns=0, busy_s=0.0, steal_s=0.0, own_s=0.0),
        MachineReading(at_ns=S, busy_s=1.5, steal_s=0.0, own_s=0.5),
    )
    trial = accounted(tmp_path, readings=RoleReadings(machine=noise), driver=None)
    assert trial.machine is None
    assert kinds(trial) == []


def test_what_a_load_amounts_to_is_in_the_trial(tmp_path: Path) -> None:
    """Each figure under its own name, and none where the load does not show it."""
    drain, burst, opened = (accounted(tmp_path, load, duration_s=5.0) for load in ("drain:40", "burst:40", "open:40/s"))
    assert drain.publish_per_s is not None
    assert drain.slot_overhead_ms == pytest.approx(0.0, abs=1e-9)
    assert burst.makespan_ms is not None
    assert burst.makespan_ms["all"] == pytest.approx(500.0)
    assert opened.sustained_per_s == opened.throughput_per_s
    assert (drain.makespan_ms, burst.publish_per_s, opened.slot_overhead_ms, drain.sustained_per_s) == (None,) * 4
    assert (drain.round, drain.order) == (3, 7)


def test_what_the_origin_served_is_in_the_trial(tmp_path: Path) -> None:
    """As it counted it."""
    origin = reading(0.0, 0.0, count=0, busy_s=0.0), reading(1.0, 0.1, count=80, busy_s=4.0)
    served = accounted(tmp_path, readings=RoleReadings(pairs={"origin": origin})).served
    assert served is not None
    assert (served.requests, served.mean_ms) == (80, 50.0)


def of_trials(trials: list[Trial], floor: Floor | None = None, settings: Settings = SETTINGS) -> Summary:
    """Their summary."""
    summary = summary_of(trials, 200.0, settings, floor or Floor(), is_floor=False)
    assert summary is not None
    return summary


def trial(round_number: int = 1, middle_ms: float = 10.0, samples: int = 1000, **changes: Any) -> Trial:
    """A trial with a histogram of that many samples at one latency."""
    histogram = new_histogram()
    histogram.record_value(int(1000 * middle_ms), samples)
    made = builders.trial_of(round_number, latency_ms=latency_of(middle_ms), ok=samples, **changes)
    return msgspec.structs.replace(made, histograms={"latency": histogram.encode().decode()})


def test_stages_add_up_to_the_latency_over_trials_of_all_sizes(tmp_path: Path) -> None:
    """Within 1 %, as every reader may check it."""
    loads = ("open:40/s", "open:76/s", "open:100/s", "closed:20")
    trials = [accounted(tmp_path, load, duration_s=5.0) for load in loads]
    summary = of_trials(trials)
    assert list(summary.stages_ms) == ["driver_lag", "publish", "queue_wait", "execution", "return"]
    assert sum(summary.stages_ms.values()) == pytest.approx(summary.latency_ms.mean, rel=0.01)
    assert summary.latency_ms.mean == pytest.approx(
        sum(one.ok * one.latency_ms.mean for one in trials if one.latency_ms) / sum(one.ok for one in trials)
    )


def foreign(execution_ms: float) -> Stages:
    """The chain where worker and driver have no common clock."""
    part = Stage(mean=execution_ms, p50=execution_ms, p99=execution_ms)
    return msgspec.structs.replace(stages_of(execution_ms), queue_wait=None, return_=None, transport=part)


def test_chains_of_different_stages_are_not_added() -> None:
    """One trial without a common clock, or without stages: no mean is of all requests."""
    common = stages_of(10.0)
    assert list(of_trials([trial(1, stages_ms=foreign(10.0))]).stages_ms)[-1] == "transport"
    for mixed in ([common, foreign(10.0)], [foreign(10.0), common], [common, None], [None, common]):
        trials = [trial(number, stages_ms=stages) for number, stages in enumerate(mixed, start=1)]
        assert of_trials(trials).stages_ms == {}


def test_extremes_are_those_of_all_trials() -> None:
    """The least of all and the greatest of all."""
    latency = of_trials([trial(1, 10.0), trial(2, 50.0), trial(3, 20.0)]).latency_ms
    assert (latency.min, latency.max) == (5.0, 200.0)


def test_one_trial_gives_no_interval() -> None:
    """Intervals come from trials; each of the figures has one from two on."""
    assert of_trials([trial()]).latency_ci95_ms == dict.fromkeys(("mean", "p50", "p90", "p99"))
    assert of_trials([trial()]).throughput_ci95 is None
    several = of_trials([trial(1, 10.0), trial(2, 11.0)]).latency_ci95_ms
    assert all(interval is not None for interval in several.values())


def test_a_share_of_the_ceiling_is_in_percent() -> None:
    """100 of 200 a second."""
    assert of_trials([trial()]).percent_of_ceiling == pytest.approx(50.0)
    summary = summary_of([trial()], None, SETTINGS, Floor(), is_floor=False)
    assert summary is not None
    assert summary.percent_of_ceiling is None


def test_cpu_of_a_summary_is_blank_where_one_trial_has_none() -> None:
    """A mean of the others would be of other rounds."""
    assert of_trials([trial(1, cpu_s_per_1000=4.0), trial(2, cpu_s_per_1000=6.0)]).cpu_s_per_1000 == pytest.approx(5.0)
    assert of_trials([trial(1, cpu_s_per_1000=4.0), trial(2, cpu_s_per_1000=None)]).cpu_s_per_1000 is None


def test_memory_is_the_largest_over_the_trials() -> None:
    """Of driver and workers together; blank where no trial has any."""
    sizes = [
        Usages(driver=usage_of(0.1, memory_mb=driver), workers=usage_of(0.1, memory_mb=workers))
        for driver, workers in ((100.0, 50.0), (90.0, 90.0), (120.0, 10.0))
    ]
    assert of_trials([trial(n, usage=usage) for n, usage in enumerate(sizes, start=1)]).memory_mb == 180.0
    assert of_trials([trial(usage=Usages())]).memory_mb is None


def test_memory_is_blank_where_the_workers_are_not_known() -> None:
    """Unknown is not nothing."""
    usage = Usages(driver=usage_of(0.1, memory_mb=100.0), workers=usage_of(0.1, memory_mb=None))
    assert of_trials([trial(usage=usage)]).memory_mb is None


@pytest.mark.parametrize("figure", ["publish_per_s", "sustained_per_s"])
def test_rates_of_a_summary_are_geometric_means_of_all_trials_or_blank(figure: str) -> None:
    """10 and 1,000 have 100 between them."""
    rates: list[dict[str, Any]] = [{figure: 10.0}, {figure: 1000.0}, {figure: None}]
    first, second, blank = (trial(number, **rate) for number, rate in enumerate(rates, start=1))
    assert getattr(of_trials([first, second]), figure) == pytest.approx(100.0)
    assert getattr(of_trials([first, second, blank]), figure) is None


def test_a_makespan_is_the_geometric_mean_of_each_part() -> None:
    """Part by part; none for a load that has none."""
    spans: list[dict[str, float | None]] = [{"p50": 10.0, "all": 20.0}, {"p50": 40.0, "all": 80.0}]
    found = of_trials([trial(n, makespan_ms=span) for n, span in enumerate(spans, start=1)]).makespan_ms
    assert found == pytest.approx({"p50": 20.0, "all": 40.0})
    assert of_trials([trial()]).makespan_ms is None


def test_the_bottleneck_is_that_of_most_trials() -> None:
    """Wherever these stand; nothing limits where nothing limited most."""
    limits = ["driver", "slots", "slots"]
    assert of_trials([trial(n, bottleneck=limit) for n, limit in enumerate(limits)]).bottleneck == "slots"
    assert of_trials([trial(n, bottleneck=limit) for n, limit in enumerate(["slots", None, None])]).bottleneck is None


def test_a_summary_carries_the_doubts_of_its_trials_its_settings_and_its_rounds() -> None:
    """Each once; those of a trial that was not measured are left out with it."""
    late, noisy = (Doubt(kind=kind, text="a text", advice="advice") for kind in ("late-pacing", "noisy-machine"))
    trials = [trial(1, doubts=[late]), trial(2, doubts=[late]), trial(3, doubts=[noisy], status="failed")]
    differing = Settings(asked={"slots": 4}, effective={"slots": 8})
    assert kinds(of_trials(trials, settings=differing)) == ["late-pacing", "settings-differ", "too-few-rounds"]


def test_no_floor_is_no_doubt() -> None:
    """Blank, and not 0."""
    summary = of_trials([trial()])
    assert (summary.floor_ms, summary.slot_overhead_ms) == (None, None)
    assert "floor" not in kinds(summary)


def test_a_burst_that_one_trial_did_not_finish_is_blank_in_the_summary(tmp_path: Path) -> None:
    """Both trials were measured and have good replies: neither may be passed over."""
    whole = accounted(tmp_path, "burst:200", warmup_s=0.0)
    part = accounted(tmp_path, "burst:200", warmup_s=0.0, serve=failing(7))
    assert (part.status, part.ok) == ("measured", 199)
    summary = of_trials([whole, part])
    assert summary.trials == 2
    assert summary.makespan_ms is not None
    assert summary.makespan_ms["p50"] is not None
    assert summary.makespan_ms["all"] is None


TIE = """
from tests.builders import cell_of, summarised, trial_of
tie = cell_of(trials=[trial_of(1, bottleneck="driver"), trial_of(2, bottleneck="slots")])
print(summarised(tie).summary.bottleneck)
"""


def test_two_limits_in_as_many_trials_are_named_the_same_by_every_process() -> None:
    """The same document must come of the same trials."""
    root = str(Path(__file__).resolve().parents[3])
    named = {
        subprocess.run(
            [sys.executable, "-c", TIE],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(named) == 1

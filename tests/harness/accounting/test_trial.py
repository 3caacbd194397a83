"""From a recording and readings to a trial, also where something is missing, mixed or wrong."""

from pathlib import Path

import msgspec
import pytest

from harness.accounting.usage import (
    RoleReadings,
)
from harness.contenders.fake import Fake
from harness.machine.cgroups import Quota
from harness.machine.host import MachineReading
from tests.builders import SilentLink, spec_of
from tests.harness.accounting.conftest import S, accounted, failing, kinds, pair, reading
from tests.running import drive
from workloads.workload import Places


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
    trial = accounted(tmp_path, "open:1/s:uniform", warmup_s=0.0, duration_s=0.3)
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
    assert kinds(trial) == [
        *("driver-bound", "unsustainable", "clock-not-comparable", "debug-mode", "noisy-machine"),
        "not-stationary",
    ]


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


def test_a_trial_beyond_its_bounds_is_impossible_with_both_figures(tmp_path: Path) -> None:
    """Four slots of 50 ms serve 80/s; if the work is said to take 100 ms, they cannot have."""
    possible = accounted(tmp_path, ideal_s=0.05)
    assert (possible.status, possible.error) == ("measured", None)
    trial = accounted(tmp_path, ideal_s=0.1)
    too_short = "executions took 50 ms on average, but the work alone takes 100 ms"
    assert (trial.status, trial.error) == ("impossible", f"80 requests/s, but 4 slots ÷ 0.1 s are 40/s; {too_short}")
    assert trial.throughput_per_s == pytest.approx(80, rel=1e-3)


def test_figures_of_a_process_that_ended_in_the_window_are_not_called_impossible(tmp_path: Path) -> None:
    """What it had used went with it; the trial has failed, and says which it was."""
    first, last = (msgspec.structs.replace(each, cpu_each={"7": 0.1, "8": 0.1}) for each in pair(0.1, 0.1, 1.0))
    whole = accounted(tmp_path, readings=RoleReadings(pairs={"workers": (first, last)}), ideal_s=0.1)
    assert whole.status == "impossible"
    last = msgspec.structs.replace(last, cpu_each={"7": 0.1, "9": 0.0})
    trial = accounted(tmp_path, readings=RoleReadings(pairs={"workers": (first, last)}), ideal_s=0.1)
    assert trial.status == "failed"
    assert (trial.error or "").startswith("process 8 of the workers ended during the measured window")


def test_what_failed_anyway_is_not_called_impossible(tmp_path: Path) -> None:
    """Its own reason is what its user must see."""
    trial = accounted(tmp_path, executed=[], ideal_s=0.1)
    assert trial.status == "failed"


@pytest.mark.parametrize(("places", "limit"), [(4, "connections"), (5, "slots")])
def test_the_works_own_limit_is_named_where_its_places_are_taken(tmp_path: Path, places: int, limit: str) -> None:
    """Slots are then taken by what waits for such a place."""
    trial = accounted(tmp_path, ideal_s=0.05, at_once=Places("connections", places, 0.05))
    assert (trial.status, trial.bottleneck) == ("measured", limit)


@pytest.mark.parametrize(
    ("load", "limit"),
    [("open:40/s:uniform", "rate"), ("open:200/s:uniform", "slots"), ("closed:4", "slots"), ("closed:2", "clients")],
)
def test_a_load_that_is_too_small_is_named(tmp_path: Path, load: str, limit: str) -> None:
    """Four slots of 50 ms serve 80/s; a rate that was not served is not too low."""
    trial = accounted(tmp_path, load, driver=(0.0, 0.2, 2.0), ideal_s=0.05, duration_s=4.0)
    assert trial.bottleneck == limit
    assert trial.busy["slots"] == pytest.approx({"rate": 0.5, "slots": 1.0, "clients": 0.5}[limit], rel=0.01)


def test_the_share_of_periods_in_which_a_quota_stopped_a_role_is_the_worst_of_all(tmp_path: Path) -> None:
    """Of the run's own quota, and of those of containers."""

    def counters(periods: int, throttled: int) -> list[Quota]:
        return [
            Quota(cgroup="/", cores=0.5, period_s=0.1, periods=periods, throttled_periods=throttled, throttled_s=0.0)
        ]

    machine = (
        MachineReading(at_ns=0, busy_s=0.0, steal_s=0.0, own_s=0.0, quotas=counters(100, 50)),
        MachineReading(at_ns=S, busy_s=0.1, steal_s=0.0, own_s=0.1, quotas=counters(110, 52)),
    )
    workers = reading(0.0, 0.0, quotas=counters(0, 0)), reading(1.0, 0.1, quotas=counters(10, 9))
    assert accounted(tmp_path).throttled == 0.0
    assert accounted(tmp_path, readings=RoleReadings(machine=machine)).throttled == pytest.approx(0.2)
    trial = accounted(tmp_path, readings=RoleReadings(machine=machine, pairs={"workers": workers}))
    assert trial.throttled == pytest.approx(0.9)
    assert (trial.bottleneck, "throttled" in kinds(trial)) == ("CPU quota", True)


def test_a_broker_that_drops_keys_fails_the_trial(tmp_path: Path) -> None:
    """What is left is no rate: tasks or results are gone. What it dropped before is another trial's."""
    first, last = pair(0.1, 0.1, 1.0)
    kept = msgspec.structs.replace(first, evicted=7)
    readings = RoleReadings(pairs={"broker": (kept, msgspec.structs.replace(last, evicted=7))})
    assert accounted(tmp_path, readings=readings).status == "measured"
    readings = RoleReadings(pairs={"broker": (kept, msgspec.structs.replace(last, evicted=1385))})
    trial = accounted(tmp_path, readings=readings)
    assert trial.status == "failed"
    assert "dropped 1,378 keys for want of memory" in (trial.error or "")


@pytest.mark.parametrize(
    ("before", "after", "doubted"), [(0, 0, False), (1, 1, False), (1, 2, True), (None, None, False)]
)
@pytest.mark.parametrize("load", ["closed:8", "burst:100"])
def test_workers_that_were_stopped_in_the_window_are_doubted(
    load: str, before: int | None, after: int | None, doubted: bool, tmp_path: Path
) -> None:
    """Those that were before it, or do not say, are not."""
    workers = reading(0.0, 0.0, continued=before), reading(4.0, 1.6, continued=after)
    trial = accounted(tmp_path, load=load, readings=RoleReadings(pairs={"workers": workers}))
    assert ("frozen" in kinds(trial)) == doubted


def test_a_role_that_was_started_again_fails_the_trial(tmp_path: Path) -> None:
    """What it kept in memory is gone, and its counts began anew."""
    first, last = pair(0.1, 0.1, 1.0)
    same = msgspec.structs.replace(first, started="a"), msgspec.structs.replace(last, started="a")
    assert accounted(tmp_path, readings=RoleReadings(pairs={"broker": same})).status == "measured"
    other = same[0], msgspec.structs.replace(last, started="b")
    trial = accounted(tmp_path, readings=RoleReadings(pairs={"broker": other}))
    assert (trial.status, (trial.error or "").partition(",")[0]) == (
        "failed",
        "broker ended and started again during the measured window",
    )
    before, after = (msgspec.structs.replace(one, started="a", count=900, accepted=9) for one in (first, last))
    anew = msgspec.structs.replace(last, started="c", count=20, accepted=2)
    whole = msgspec.structs.replace(before, shards=[before, before])
    partly = msgspec.structs.replace(anew, shards=[after, anew])
    trial = accounted(tmp_path, readings=RoleReadings(pairs={"broker": (whole, partly)}))
    assert (trial.error or "").startswith("broker (shard 2) ended and started again")
    assert trial.usage.broker is not None
    assert [shard.count for shard in trial.usage.broker.shards] == [0, None]
    assert trial.usage.broker.accepted is None

"""From two readings of a role to what it used between them."""

import pytest

from harness.accounting.usage import (
    RoleReadings,
    elsewhere_of,
    machine_between,
    quota_between,
    served_between,
    usage_between,
)
from harness.machine.cgroups import Quota
from harness.machine.host import MachineReading
from harness.machine.usage import Reading
from tests.harness.accounting.conftest import S, reading
from tests.harness.session.doubles import recording_of


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


def test_requests_at_the_edges_count_by_their_parts() -> None:
    """Twenty were answered, of which two were half done before; one is a quarter done."""
    first, last = reading(0.0, 0.0, count=10, parts=1.0), reading(2.0, 0.0, count=30, parts=0.25)
    served = served_between(first, last)
    assert served is not None
    assert (served.requests, served.by_parts, served.counted) == (20, 19.25, 19.25)
    whole = served_between(reading(0.0, 0.0, count=10), reading(2.0, 0.0, count=30))
    assert whole is not None
    assert whole.counted == 20


def test_what_others_used_of_the_machine_is_all_without_our_own() -> None:
    """Ten CPU-seconds in all, seven of them ours."""
    first = MachineReading(at_ns=0, busy_s=100.0, steal_s=1.0, own_s=20.0)
    last = MachineReading(at_ns=10 * S, busy_s=110.0, steal_s=1.5, own_s=27.0)
    machine = machine_between(first, last, cpus=2)
    assert (machine.others_cpu_s, machine.steal_s, machine.seconds, machine.cpus) == (3.0, 0.5, 10.0, 2)


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


def test_a_role_used_no_less_than_one_of_its_processes() -> None:
    """A child of 4 ms ended, for which the kernel counts no tick; one that began anew counts from nothing."""
    first = reading(0.0, 10.004, main_cpu_s=10.0, cpu_each={"1": 10.0, "2": 0.004})
    ended = usage_between(first, reading(1.0, 10.002, main_cpu_s=10.002, cpu_each={"1": 10.002}))
    assert ended.cpu_s == ended.main_cpu_s == ended.busiest_cpu_s == pytest.approx(0.002)
    assert usage_between(first, reading(1.0, 0.5, cpu_each={"1": 0.5})).busiest_cpu_s == 0.0


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


def test_interrupts_the_session_and_the_run_are_told_apart() -> None:
    """Ten CPU-seconds: 7 of the run, of which 1 is the session's; 1 of interrupts; 2 of others."""
    first = MachineReading(at_ns=0, busy_s=100.0, steal_s=0.0, own_s=20.0, session_s=5.0, interrupts_s=3.0)
    last = MachineReading(at_ns=10 * S, busy_s=110.0, steal_s=0.0, own_s=27.0, session_s=6.0, interrupts_s=4.0)
    machine = machine_between(first, last, cpus=2)
    assert (machine.own_cpu_s, machine.session_cpu_s, machine.interrupts_cpu_s, machine.others_cpu_s) == (7, 1, 1, 2)
    assert (machine.quota, machine.oom_kills) == (None, None)


def test_processes_that_the_kernel_killed_meanwhile_are_counted() -> None:
    """Not those before."""
    first = MachineReading(at_ns=0, busy_s=0.0, steal_s=0.0, own_s=0.0, oom_kills=3)
    last = MachineReading(at_ns=S, busy_s=0.0, steal_s=0.0, own_s=0.0, oom_kills=5)
    assert machine_between(first, last, cpus=2).oom_kills == 2


def counters(cgroup: str, cores: float, periods: int, throttled: int) -> Quota:
    """Of a quota, since its cgroup was created."""
    return Quota(
        cgroup=cgroup,
        cores=cores,
        period_s=0.1,
        periods=periods,
        throttled_periods=throttled,
        throttled_s=throttled / 10,
    )


def test_of_several_quotas_the_one_that_stopped_the_most_is_told() -> None:
    """By what it did between the readings; the tightest, where none did."""
    first = [counters("/a", 4.0, 900, 800), counters("/b", 0.5, 10, 5)]
    throttled = quota_between(first, [counters("/a", 4.0, 1000, 801), counters("/b", 0.5, 153, 127)])
    assert throttled is not None
    assert (throttled.cgroup, throttled.periods, throttled.throttled_periods) == ("/b", 143, 122)
    assert throttled.throttled_s == pytest.approx(12.2)
    assert throttled.throttled == pytest.approx(122 / 143)
    idle = quota_between(first, first)
    assert idle is not None
    assert (idle.cgroup, idle.throttled) == ("/b", 0.0)
    assert quota_between([], []) is None
    assert quota_between([], first) is None


@pytest.mark.parametrize(("theirs", "elsewhere"), [([1], True), ([0, 1], False), ([0], False), ([], False)])
def test_workers_on_cpus_of_their_own_are_no_part_of_the_sessions_machine(theirs: list[int], elsewhere: bool) -> None:
    """Containers with CPUs of their own, under one kernel; one that does not say where it runs is here."""
    reading = Reading(at_ns=0, cpu_s=0.0, main_cpu_s=0.0, processes=1, boot_id="b", cpu_ids=theirs)
    readings = RoleReadings(pairs={"workers": (reading, reading)}, boot_id="b", cpu_ids=[0])
    assert elsewhere_of(recording_of(), readings) == (frozenset({"workers"}) if elsewhere else frozenset())

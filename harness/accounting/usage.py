"""What each role of a trial used, the machine beside them, and the origin's own count: from pairs of readings."""

from collections.abc import Mapping, Sequence

import msgspec

from harness.driver.messages import Recording
from harness.loads.load import LoadFigures
from harness.machine.cgroups import Quota as QuotaReading
from harness.machine.host import MachineReading
from harness.machine.switches import Switches
from harness.machine.usage import Reading, kernel_of
from harness.results.model import Machine, Quota, Served, ShardUsage, Usage, Usages

NO_DRIVER = "no measured window, or one in virtual time"


class RoleReadings(msgspec.Struct, frozen=True, kw_only=True):
    """What the session read of the other roles: role → first and last reading; role → why there is none."""

    pairs: dict[str, tuple[Reading, Reading]] = {}
    between: dict[str, Reading] = {}
    """Between the two parts of a load that has two."""
    memory_mb: dict[str, dict[str, float]] = {}
    """At moments of the load: name → role → megabytes."""
    missing: dict[str, str] = {}
    machine: tuple[MachineReading, MachineReading] | None = None
    frozen_s: float | None = None
    """The longest standstill between the two readings of the machine."""
    wall_apart_s: float = 0.0
    """By how much the wall clocks of the session and of a role differ, at the least."""
    apart: frozenset[str] = frozenset()
    """Roles that are no part of this process's tree: their CPU time is not that of others who use the machine."""
    elsewhere: frozenset[str] = frozenset()
    """Roles that do not run on this machine, as far as they do not say so themselves."""
    boot_id: str = ""
    """Of the session's kernel."""
    cpu_ids: list[int] = []
    """Numbers of the CPUs on which the session may run."""


def stops_between(first: Reading | None = None, last: Reading | None = None) -> int:
    """How often a signal stopped a role between two readings; 0 where it does not say, or has started again."""
    return max(0, (last.continued or 0) - (first.continued or 0)) if first is not None and last is not None else 0


def usage_between(first: Reading, last: Reading) -> Usage:
    """A role's usage between two readings, over its own interval.

    It used no less than one of its processes: the kernel counts those that have ended in ticks of 10 ms, those that
    live to the nanosecond.
    """
    switched = switches_between(first.switches, last.switches)
    each = [max(0.0, cpu_s - first.cpu_each.get(pid, 0.0)) for pid, cpu_s in last.cpu_each.items()]
    main_cpu_s = max(0.0, last.main_cpu_s - first.main_cpu_s)
    return Usage(
        cpu_s=max(last.cpu_s - first.cpu_s, main_cpu_s, *each),
        seconds=(last.at_ns - first.at_ns) / 1e9,
        memory_mb=last.memory_mb,
        memory_kind=last.memory_kind,
        processes=last.processes,
        main_cpu_s=main_cpu_s,
        busiest_cpu_s=max(each) if each else None,
        connections=last.connections,
        accepted=_grown(first.accepted or 0, last.accepted),
        voluntary_switches=switched and switched.voluntary,
        involuntary_switches=switched and switched.involuntary,
        cores=last.cores,
        quota=quota_between(first.quotas, last.quotas),
        shards=[_of_shard(before, after) for before, after in zip(first.shards, last.shards, strict=False)],
    )


def _of_shard(first: Reading, last: Reading) -> ShardUsage:
    return ShardUsage(
        cpu_s=max(0.0, last.cpu_s - first.cpu_s),
        seconds=(last.at_ns - first.at_ns) / 1e9,
        count=_grown(first.count, last.count),
    )


def _grown(first: int | None, last: int | None) -> int | None:
    """By how much a counter has; None where it is not known, or began anew meanwhile."""
    return last - first if first is not None and last is not None and last >= first else None


def switches_between(first: Switches | None, last: Switches | None) -> Switches | None:
    """Those of processes that have ended meanwhile are gone with them."""
    if first is None or last is None:
        return None
    return Switches(max(0, last.voluntary - first.voluntary), max(0, last.involuntary - first.involuntary))


def quota_between(first: list[QuotaReading], last: list[QuotaReading]) -> Quota | None:
    """Of the quotas that bind a process, the one that stopped it in most of its periods; the tightest, if none did."""
    before = {quota.cgroup: quota for quota in first}
    between = [_between(before[quota.cgroup], quota) for quota in last if quota.cgroup in before]
    return max(between, key=lambda quota: (quota.throttled, -quota.cores), default=None)


def _between(first: QuotaReading, last: QuotaReading) -> Quota:
    return Quota(
        cgroup=last.cgroup,
        cores=last.cores,
        period_s=last.period_s,
        burst_s=last.burst_s,
        periods=last.periods - first.periods,
        throttled_periods=last.throttled_periods - first.throttled_periods,
        throttled_s=last.throttled_s - first.throttled_s,
    )


def served_between(first: Reading, last: Reading) -> Served | None:
    """What the origin served between two readings, as it counted and timed itself; None where it does not."""
    if first.count is None or last.count is None:
        return None
    requests = last.count - first.count
    busy_s = last.busy_s - first.busy_s if last.busy_s is not None and first.busy_s is not None else None
    return Served(
        requests=requests,
        by_parts=None if first.parts is None or last.parts is None else requests + last.parts - first.parts,
        seconds=(last.at_ns - first.at_ns) / 1e9,
        mean_ms=1000 * busy_s / requests if busy_s is not None and requests else None,
    )


def evicted_between(first: Reading, last: Reading) -> int:
    """Keys that a broker dropped between two readings; 0 where it does not say."""
    return (last.evicted or 0) - (first.evicted or 0)


def started_again(pairs: Mapping[str, tuple[Reading, Reading]]) -> list[str]:
    """Roles that were started again between their two readings, such as a broker, with what it kept in memory lost."""
    return [
        role
        + _which([before.started != after.started for before, after in zip(first.shards, last.shards, strict=False)])
        for role, (first, last) in pairs.items()
        if first.started != last.started
    ]


def _which(shards: list[bool]) -> str:
    """Which shards of a broker they were; nothing where it has none."""
    numbers = [str(number) for number, is_one in enumerate(shards, start=1) if is_one]
    return f" (shard {' and '.join(numbers)})" if numbers else ""


def processes_ended(recording: Recording, readings: RoleReadings) -> str | None:
    """Which process of a role ended between its two readings, so that what it used is not known; None if none."""
    pairs = readings.pairs | ({"driver": recording.driver} if recording.driver is not None else {})
    for role, (first, last) in pairs.items():
        if ended := sorted(first.cpu_each.keys() - last.cpu_each.keys()):
            return f"process {ended[0]} of the {role} ended during the measured window, and its figures with it"
    return None


def machine_between(first: MachineReading, last: MachineReading, cpus: int, apart_cpu_s: float = 0.0) -> Machine:
    """What the machine did between two readings, beside this run's own processes and `apart_cpu_s` of its roles."""
    own_s, interrupts_s = last.own_s - first.own_s, last.interrupts_s - first.interrupts_s
    return Machine(
        seconds=(last.at_ns - first.at_ns) / 1e9,
        cpus=cpus,
        others_cpu_s=max(0.0, last.busy_s - first.busy_s - interrupts_s - own_s - apart_cpu_s),
        steal_s=max(0.0, last.steal_s - first.steal_s),
        interrupts_cpu_s=interrupts_s,
        own_cpu_s=own_s,
        session_cpu_s=last.session_s - first.session_s,
        quota=quota_between(first.quotas, last.quotas),
        oom_kills=last.oom_kills - (first.oom_kills or 0) if last.oom_kills is not None else None,
    )


def elsewhere_of(recording: Recording, readings: RoleReadings) -> frozenset[str]:
    """Roles that do not run on the session's machine, or do so on other CPUs: containers may have sets of their own."""
    lasts = {role: last for role, (_, last) in readings.pairs.items()}
    if recording.driver is not None:
        lasts["driver"] = recording.driver[1]
    here = kernel_of(readings.boot_id)
    other = {role for role, last in lasts.items() if kernel_of(last.boot_id) not in ("", here)}
    other |= {role for role, last in lasts.items() if last.cpu_ids and _are_apart(last.cpu_ids, readings.cpu_ids)}
    return readings.elsewhere | other if readings.boot_id else readings.elsewhere


def _are_apart(theirs: Sequence[int], ours: Sequence[int]) -> bool:
    return bool(ours) and set(theirs).isdisjoint(ours)


def usages_of(recording: Recording, readings: RoleReadings) -> Usages:
    """Each role's usage, the driver's by its own readings; a role that could not be read is missing."""
    roles = {role: usage_between(*pair) for role, pair in readings.pairs.items()}
    if recording.driver is None:
        return Usages(missing=readings.missing | {"driver": NO_DRIVER}, **roles)
    return Usages(driver=usage_between(*recording.driver), missing=readings.missing, **roles)


def quotas_of(usage: Usages) -> dict[str, Quota | None]:
    """Role → the CPU quota that binds it."""
    roles = {"driver": usage.driver, "workers": usage.workers, "broker": usage.broker, "origin": usage.origin}
    return {name: role.quota for name, role in roles.items() if role is not None}


def second_part(usage: Usages, recording: Recording, readings: RoleReadings) -> Usages:
    """Usage in the part of a load that its throughput is about: all of it, where it has one part only."""
    if recording.driver is None or recording.driver_between is None:
        return usage
    roles = {
        role: usage_between(readings.between[role], last)
        for role, (_, last) in readings.pairs.items()
        if role in readings.between
    }
    return msgspec.structs.replace(usage, **roles, driver=usage_between(recording.driver_between, recording.driver[1]))


def machine_of(recording: Recording, readings: RoleReadings, cpus: int) -> Machine | None:
    """What the machine did beside the run; None where it was not read, or where the trial was in virtual time."""
    if readings.machine is None or recording.driver is None:
        return None
    not_children = readings.apart - elsewhere_of(recording, readings)
    apart = [pair for role, pair in readings.pairs.items() if role in not_children]
    if "driver" in not_children:
        apart.append(recording.driver)
    machine = machine_between(*readings.machine, cpus, sum(last.cpu_s - first.cpu_s for first, last in apart))
    return msgspec.structs.replace(machine, frozen_s=readings.frozen_s)


def cpu_s_per_1000(usage: Usages, figures: LoadFigures) -> float | None:
    """CPU-seconds of driver, workers and broker per 1,000 good replies; None where a role's usage is missing.

    In a steady window each role's rate over its own interval, divided by the throughput; else what each used
    for all. The origin is left out: it is what both sides wait for, and its cost is the same for both.
    """
    if usage.driver is None or usage.missing.keys() & {"workers", "broker"}:
        return None
    roles = [role for role in (usage.driver, usage.workers, usage.broker) if role is not None and role.seconds > 0]
    if figures.completed is not None:
        return 1000 * sum(role.cpu_s for role in roles) / figures.completed if figures.completed else None
    if not figures.throughput_per_s:
        return None
    return 1000 * sum(role.cpu_s / role.seconds for role in roles) / figures.throughput_per_s

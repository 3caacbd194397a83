"""What each role of a trial used, the machine beside them, and the origin's own count: from pairs of readings."""

import msgspec

from harness.driver.messages import Recording
from harness.loads.load import LoadFigures
from harness.machine.usage import MachineReading, Reading
from harness.results.model import Machine, Served, Usage, Usages

NO_DRIVER = "no measured window, or one in virtual time"


class RoleReadings(msgspec.Struct, frozen=True, kw_only=True):
    """What the session read of the other roles: role → first and last reading; role → why there is none."""

    pairs: dict[str, tuple[Reading, Reading]] = {}
    between: dict[str, Reading] = {}
    """Between the two parts of a load that has two."""
    missing: dict[str, str] = {}
    machine: tuple[MachineReading, MachineReading] | None = None
    apart: frozenset[str] = frozenset()
    """Roles that are no part of this process's tree: their CPU time is not that of others who use the machine."""


def usage_between(first: Reading, last: Reading) -> Usage:
    """A role's usage between two readings, over its own interval."""
    each = [cpu_s - first.cpu_each.get(pid, 0.0) for pid, cpu_s in last.cpu_each.items()]
    return Usage(
        cpu_s=max(0.0, last.cpu_s - first.cpu_s),
        seconds=(last.at_ns - first.at_ns) / 1e9,
        memory_mb=last.memory_mb,
        memory_kind=last.memory_kind,
        processes=last.processes,
        main_cpu_s=max(0.0, last.main_cpu_s - first.main_cpu_s),
        busiest_cpu_s=max(each) if each else None,
        connections=last.connections,
    )


def served_between(first: Reading, last: Reading) -> Served | None:
    """What the origin served between two readings, as it counted and timed itself; None where it does not."""
    if first.count is None or last.count is None:
        return None
    requests = last.count - first.count
    busy_s = last.busy_s - first.busy_s if last.busy_s is not None and first.busy_s is not None else None
    return Served(
        requests=requests,
        seconds=(last.at_ns - first.at_ns) / 1e9,
        mean_ms=1000 * busy_s / requests if busy_s is not None and requests else None,
    )


def machine_between(first: MachineReading, last: MachineReading, cpus: int, apart_cpu_s: float = 0.0) -> Machine:
    """What the machine did between two readings, beside this run's own processes and `apart_cpu_s` of its roles."""
    return Machine(
        seconds=(last.at_ns - first.at_ns) / 1e9,
        cpus=cpus,
        others_cpu_s=max(0.0, (last.busy_s - first.busy_s) - (last.own_s - first.own_s) - apart_cpu_s),
        steal_s=max(0.0, last.steal_s - first.steal_s),
    )


def usages_of(recording: Recording, readings: RoleReadings) -> Usages:
    """Each role's usage, the driver's by its own readings; a role that could not be read is missing."""
    roles = {role: usage_between(*pair) for role, pair in readings.pairs.items()}
    if recording.driver is None:
        return Usages(missing=readings.missing | {"driver": NO_DRIVER}, **roles)
    return Usages(driver=usage_between(*recording.driver), missing=readings.missing, **roles)


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
    apart = [pair for role, pair in readings.pairs.items() if role in readings.apart]
    if "driver" in readings.apart:
        apart.append(recording.driver)
    return machine_between(*readings.machine, cpus, sum(last.cpu_s - first.cpu_s for first, last in apart))


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

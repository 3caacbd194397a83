"""Names what limited a trial, from how busy each part was, and who used the machine."""

from typing import NamedTuple

import msgspec

from harness.results.model import Machine, Quota, Stages, Usage, Usages
from workloads.workload import Allowance, Places

BUSY = 0.9
"""What was this busy had no more to give."""
NEARLY_BUSY = 0.8
"""Where nothing was busier, the busiest part above this is named."""
THROTTLED_MOST = 0.5
"""A quota that was used up in this share of its periods was the limit, whatever was used on average."""
GROWN = 1.5
"""Where an execution takes so many times what the work alone takes, it waits within the work."""

QUOTA, EVENT_LOOP, MACHINE, OTHERS, SLOTS = "CPU quota", "event loop", "machine", "others", "slots"
ALLOWED = "the service's limit"
"""The rate that a service allows its callers was used up."""
WORK, CLIENTS, RATE, UNCLEAR = "the work", "clients", "rate", "unclear"
"""Named where nothing was busy: the work itself took the time, the load was too small, or it is not known."""
NO_LIMIT = frozenset({CLIENTS, RATE, UNCLEAR})
"""Of these, what says nothing about why a rate did not hold."""
OF_ROLES = ("driver", "workers", "broker", "origin")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a trial."""

    throughput_per_s: float
    usage: Usages
    cpus: int
    """Of the machine."""
    cores: float
    """Of these, the cores that a CPU quota grants."""
    machine: Machine | None = None
    elsewhere: frozenset[str] = frozenset()
    """Roles that do not run on this machine."""
    apart: frozenset[str] = frozenset()
    """Roles that a CPU quota of the session does not bind."""
    stages: Stages | None = None
    slots: int | None = None
    """Of which each request holds one."""
    ideal_s: float | None = None
    """Seconds that a request takes at the least."""
    at_once: Places | None = None
    """A limit of the work itself, such as a pool of connections."""
    allowance: Allowance | None = None
    """How many requests the service that is called allows."""
    clients: int | None = None
    """Requests under way at any time, where the load keeps them so."""
    sustained: bool = False
    """Whether the load comes at a rate of its own, which was served."""
    loop_held: float = 0.0
    """Share of the time in which the event loop of work in the driver let nothing else run."""


class Limit(NamedTuple):
    """What limited a trial: its name, how busy each part was, and who used the machine or the quota."""

    name: str
    busy: dict[str, float]
    shares: dict[str, float]


def cores(usage: Usage | None) -> float:
    """Cores that a role kept busy; 0 where it is not known."""
    return _cores(usage, usage.cpu_s) if usage else 0.0


def busiest_core(usage: Usage | None) -> float:
    """How busy the busiest process of a role kept its core, where each is a single thread: drivers, Redis."""
    return _cores(usage, usage.cpu_s if usage.busiest_cpu_s is None else usage.busiest_cpu_s) if usage else 0.0


def _cores(usage: Usage | None, cpu_s: float | None) -> float:
    return cpu_s / usage.seconds if usage and usage.seconds > 0 and cpu_s is not None else 0.0


def occupancy(throughput_per_s: float, slots: int | None, stages: Stages | None) -> float | None:
    """Share of the slots that were executing: Little's law, throughput × time in service ÷ slots."""
    if slots is None or stages is None or stages.execution is None:
        return None
    return throughput_per_s * stages.execution.mean / 1000 / slots


def bottleneck(facts: Facts) -> Limit:
    """What limited the throughput.

    A CPU quota first; an event loop that is held; what the work itself lets through at once, which is a bound whoever
    else uses the machine; single-threaded roles, each by its own core; the machine as a whole; then the slots, which
    are also taken by what waits for any of these.
    """
    shares = shares_of(facts)
    busy = _busy(facts, sum(shares.values()))
    name = next((limit for limit, share in busy.items() if share >= BUSY), None)
    if name is None:
        busiest = max(busy, key=lambda limit: busy[limit], default=None)
        name = busiest if busiest and busy[busiest] >= NEARLY_BUSY else _not_busy(facts)
    not_ours = shares.get(OTHERS, 0.0) + shares.get("steal", 0.0)
    if name == MACHINE and not_ours > sum(shares.values()) / 2:
        name = OTHERS
    if name == QUOTA:
        shares = _shares_of_quota(facts)
    return Limit(name, busy, shares)


def _busy(facts: Facts, machine: float) -> dict[str, float]:
    """What may be a limit → how busy it was, in the order in which they are named."""
    usage = facts.usage
    workers, origin = usage.workers, usage.origin
    known = {
        QUOTA: _quota_used(facts),
        EVENT_LOOP: facts.loop_held,
        **_places_used(facts),
        "driver": busiest_core(usage.driver),
        "origin": _cores(origin, origin.busiest_cpu_s) if origin else 0.0,
        "broker": busiest_core(usage.broker),
        "worker main process": _cores(workers, workers.main_cpu_s) if workers else 0.0,
        "worker children": _children_cores(workers) if workers else 0.0,
        MACHINE: machine,
        **_elsewhere_used(facts),
    }
    known[SLOTS] = min(1.0, occupancy(facts.throughput_per_s, facts.slots, facts.stages) or 0.0)
    return {limit: share for limit, share in known.items() if share}


def _elsewhere_used(facts: Facts) -> dict[str, float]:
    """How far roles on other machines, or on CPUs of their own, used up the cores that they have there."""
    usages = {role: getattr(facts.usage, role) for role in OF_ROLES if role in facts.elsewhere}
    return {f"cores of {role}": cores(usage) / usage.cores for role, usage in usages.items() if usage and usage.cores}


def _places_used(facts: Facts) -> dict[str, float]:
    """How far limits of the work itself were used up; one may be the event loop, which is busy in other ways too."""
    found = {}
    if (places := facts.at_once) is not None:
        used = min(1.0, facts.throughput_per_s * places.held_s / places.number)
        found[places.name] = max(used, facts.loop_held if places.name == EVENT_LOOP else 0.0)
    if facts.allowance is not None:
        found[ALLOWED] = min(1.0, facts.throughput_per_s / facts.allowance.per_s)
    return found


def _not_busy(facts: Facts) -> str:
    """Why there was no more throughput although nothing was busy."""
    if facts.sustained:
        return RATE
    if facts.clients is None:  # all requests come at once
        return WORK if facts.slots is None else UNCLEAR
    if facts.slots is not None and facts.clients > facts.slots:
        return UNCLEAR
    execution = facts.stages.execution if facts.stages else None
    if execution is not None and facts.ideal_s and execution.mean / 1000 >= GROWN * facts.ideal_s:
        return WORK
    return CLIENTS


def shares_of(facts: Facts) -> dict[str, float]:
    """Who used the machine's CPUs: roles, the session, others, interrupts, the hypervisor; as shares of all of them."""
    here = [role for role in OF_ROLES if role not in facts.elsewhere]
    used = {role: cores(getattr(facts.usage, role)) for role in here}
    machine = facts.machine
    if machine is not None and machine.seconds > 0:
        seconds = {
            "session": machine.session_cpu_s or 0.0,
            OTHERS: machine.others_cpu_s,
            "interrupts": machine.interrupts_cpu_s,
            "steal": machine.steal_s,
        }
        used |= {name: cpu_s / machine.seconds for name, cpu_s in seconds.items()}
    return _of_whole(used, facts.cpus)


def _of_whole(used: dict[str, float], cores_there: float) -> dict[str, float]:
    """Shares of so many cores, together no more than all: each was read over an interval of its own."""
    whole = max(cores_there, sum(used.values()))
    return {name: cores_used / whole for name, cores_used in used.items() if cores_used}


def _shares_of_quota(facts: Facts) -> dict[str, float]:
    """Who used the session's quota."""
    roles = [role for role in OF_ROLES if role not in facts.elsewhere | facts.apart]
    bound = {role: cores(getattr(facts.usage, role)) for role in roles}
    machine = facts.machine
    if machine is not None and machine.seconds > 0 and machine.session_cpu_s:
        bound["session"] = machine.session_cpu_s / machine.seconds
    return _of_whole(bound, facts.cores)


def _quota_used(facts: Facts) -> float:
    """How far a CPU quota was used up: the session's, or that of a role in a container of its own."""
    used = [_throttled(facts.machine.quota)] if facts.machine is not None else []
    if facts.cores < facts.cpus:
        used.append(sum(_shares_of_quota(facts).values()))
    for role in OF_ROLES:
        usage: Usage | None = getattr(facts.usage, role)
        if usage is not None and usage.quota is not None:
            used += [_throttled(usage.quota), cores(usage) / usage.quota.cores]
    return max(used, default=0.0)


def _throttled(quota: Quota | None) -> float:
    """1 where the quota was used up most of the time."""
    return 1.0 if quota is not None and quota.throttled >= THROTTLED_MOST else 0.0


def _children_cores(workers: Usage) -> float:
    """Cores that each child kept busy, on average."""
    children = workers.processes - 1
    if children < 1 or workers.main_cpu_s is None:
        return 0.0
    return _cores(workers, workers.cpu_s - workers.main_cpu_s) / children

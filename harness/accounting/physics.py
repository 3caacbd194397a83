"""Bounds that no trial can pass, each known by other means than the figure that it bounds. Pure functions.

A figure beyond its bound is wrong, however narrow its interval is. So the trial is `impossible`: its figures are shown
with the bounds that they break, and are never ranked.
"""

import math
from collections.abc import Iterator, Mapping

import msgspec

from harness.accounting.bottleneck import OF_ROLES as ROLES
from harness.accounting.bottleneck import cores
from harness.results.model import Latency, Quota, Trial
from workloads.workload import Allowance, PartFigures, Places

TOLERANCE = 0.02
CEILING_TOLERANCE = 0.005
CPU_TOLERANCE = 0.05
"""Roles are read one after the other, so that their intervals differ by some milliseconds."""
IDLE_MOST = 0.05
"""Share of the machine that processes of the run may use that are no role of the trial: idle workers of others."""
DEVIATIONS = 4.0
"""Standard errors by which the mean of a sample may lie off by chance."""
EARLY_MOST_MS = 2.0
"""By so much an event loop's timer may end a wait too soon: uvloop's by up to a millisecond."""
MEAN_LEAST = 10
"""Fewer good replies have no mean worth comparing."""
ALONE_LEAST = 20
"""Nor with what the work takes alone, where that may be drawn: few draws hide how far they scatter."""
REPLIES_LEAST = 5
"""Of each client: in a shorter window, what was under way at its edges decides both rate and mean latency."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a trial by other means; None where it is not known, or bounds nothing."""

    steady: bool
    """Whether its throughput is that of a steady window."""
    whole: bool = False
    """Whether all of its requests began and ended within its window, and none of others: a load that ends by itself."""
    clients: int | None = None
    """Of a closed load: requests under way at any time."""
    arrives: bool = False
    """Whether requests come at a rate of their own, so that no more can be served."""
    waiting_at_first: int = 0
    """Requests under way when the window opened."""
    waiting_at_last: int = 0
    """And when it closed."""
    slots: int | None = None
    """Of which each request holds one."""
    ideal_s: float | None = None
    """Seconds that a request takes at the least."""
    whole_execution: bool = True
    """Whether an execution is all that a request does: not of a job of the user's own."""
    at_once: Places | None = None
    """A limit of the work itself, such as a pool of connections."""
    origin_ms: float = 0.0
    """Milliseconds that the origin takes for a request at the least, on average: what it was asked for."""
    origin_requests: float | None = None
    """Requests to the origin that a good reply takes at the least."""
    allowance: Allowance | None = None
    """How many good replies the service that is called allows."""
    cpu_s: float = 0.0
    """CPU-seconds that a good reply takes at the least."""
    cores: float | None = None
    """That the roles of `counted` may use together: the machine's, or their CPU quota; None if not known."""
    quota: Quota | None = None
    """The CPU quota that binds them, if any."""
    counted: tuple[str, ...] = ("driver", "workers", "origin")
    """Roles that run on this machine."""
    children: frozenset[str] = frozenset()
    """Roles that are children of the session, so that their CPU time is part of its own."""
    error: float = 0.0
    """Standard error of the mean latency ÷ that mean."""
    parts: Mapping[str, PartFigures] = {}
    """Kind of job → what became of it, where the workload has several."""
    edges_ms: float = 0.0
    """Of the mean latency, what lay outside the window: a fault after its end makes the last requests take long."""
    waited: float = 0.0
    """Executions that the throughput holds of requests due before the window, beyond those it lacks of its own."""
    executing_s: float = 0.0
    """How long executions took within the window, added up, by their own stamps."""


def broken_bounds(trial: Trial, bounds: Bounds) -> list[str]:
    """The bounds that a measured trial breaks, each with both figures."""
    per_s, latency = trial.throughput_per_s, trial.latency_ms
    if not per_s or latency is None:
        return []
    chance = chance_of(bounds.error)
    broken = [
        *_by_places(per_s, bounds, chance),
        *_by_slots_time(trial, bounds),
        *_by_parts(trial, latency, bounds),
        *_by_the_work_alone(trial, latency, bounds),
        *_by_cpu(trial, bounds),
    ]
    if trial.ok >= MEAN_LEAST:
        # all of a load that ends by itself lie within its window; its rate may be that of a part of it
        served = float(trial.ok) if bounds.whole else per_s * trial.seconds
        broken += [
            *_by_origins_count(served, trial, bounds),
            *_by_arrivals(per_s, trial, bounds),
            *_by_allowance(served, trial, bounds),
            *_by_origins_time(trial, bounds, chance),
        ]
        if bounds.steady:
            broken += _by_littles_law(trial, per_s, latency.mean, bounds)
    return broken


def chance_of(error: float) -> float:
    """Part by which a mean latency with that standard error may lie off by chance."""
    return DEVIATIONS * error


def _by_places(per_s: float, bounds: Bounds, chance: float) -> Iterator[str]:
    """Slots, and the work's own limits, each serve one request in the service time."""
    bound = bounds.slots and bounds.ideal_s and not bounds.parts  # kinds of jobs: by what each of them takes, below
    slots = Places("slots", bounds.slots or 0, bounds.ideal_s or 0.0) if bound else None
    for places in filter(None, (slots, bounds.at_once)):
        most = places.number / places.held_s if places.held_s else math.inf
        if per_s > most * (1 + CEILING_TOLERANCE + chance):
            limit = f"{places.number} {places.name} ÷ {places.held_s:g} s are {most:,.4g}/s"
            yield f"{per_s:,.4g} requests/s, but {limit}"


def _by_slots_time(trial: Trial, bounds: Bounds) -> Iterator[str]:
    """No more executions at once than there are slots, by their own stamps, whatever each takes."""
    if bounds.slots is None:
        return
    had_s = bounds.slots * trial.seconds
    if bounds.executing_s > had_s * (1 + CEILING_TOLERANCE):
        took = f"executions took {bounds.executing_s:,.4g} s of the window of {trial.seconds:.4g} s"
        yield f"{took}, but {bounds.slots} slots had {had_s:,.4g} s"


def _by_the_work_alone(trial: Trial, latency: Latency, bounds: Bounds) -> Iterator[str]:
    """Nothing takes less time than the work alone, also where no slot is short: else it was other work."""
    alone_ms = 1000 * (bounds.ideal_s or 0.0)
    if not alone_ms or bounds.parts or trial.ok < ALONE_LEAST:
        return
    least_ms = alone_ms * (1 - TOLERANCE) - EARLY_MOST_MS - chance_of(bounds.error) * latency.mean
    execution = trial.stages_ms.execution if trial.stages_ms is not None else None
    means_ms = {"replies": latency.mean}
    if bounds.whole_execution and execution is not None:
        means_ms["executions"] = execution.mean
    what, mean_ms = min(means_ms.items(), key=lambda named: named[1])
    if mean_ms < least_ms:
        declared = "" if bounds.whole_execution else " (ideal_s, as its job declares)"
        yield f"{what} took {mean_ms:,.4g} ms on average, but the work alone takes {alone_ms:,.4g} ms{declared}"


def _by_parts(trial: Trial, latency: Latency, bounds: Bounds) -> Iterator[str]:
    """No job is done sooner than it takes alone, and all of them together take no more than the slots have."""
    for name, part in bounds.parts.items():
        if part.shortfall_ms > EARLY_MOST_MS:
            yield f"a {name} job was done {part.shortfall_ms:.4g} ms sooner than it takes alone"
    work_s = sum(part.jobs * part.alone_ms.mean / 1000 for part in bounds.parts.values())
    most_s = (bounds.slots or math.inf) * (trial.seconds + latency.max / 1000)  # from the first due to the last done
    if work_s > most_s * (1 + CEILING_TOLERANCE):
        yield f"jobs that take {work_s:,.4g} s were done, but {bounds.slots} slots had {most_s:,.4g} s"


def _by_origins_count(replies: float, trial: Trial, bounds: Bounds) -> Iterator[str]:
    """What the origin has counted over the same window."""
    served, needed = trial.served, bounds.origin_requests
    if served is None or not needed or served.seconds <= 0 or trial.seconds <= 0:
        return
    counted = served.counted_within(trial.seconds)
    at_last = min(bounds.waiting_at_last, bounds.slots or bounds.waiting_at_last)
    at_edges = 0 if bounds.whole else bounds.clients or max(bounds.waiting_at_first, at_last)
    edges = at_edges * needed / max(1, served.requests)
    if replies * needed <= counted * (1 + TOLERANCE + edges):
        return
    if bounds.whole:
        yield f"{replies:,.0f} replies, each of at least {needed:g} to the origin, which counted {counted:,.0f}"
        return
    per_s, counted_per_s = replies / trial.seconds, counted / trial.seconds
    yield f"{per_s:,.4g} requests/s, each of at least {needed:g} to the origin, which counted {counted_per_s:,.4g}/s"


def _by_arrivals(per_s: float, trial: Trial, bounds: Bounds) -> Iterator[str]:
    """What came at a rate of its own, and what had waited."""
    if bounds.arrives and trial.seconds > 0:
        most = (trial.submitted + bounds.waiting_at_first) / trial.seconds
        if per_s > most * (1 + TOLERANCE):
            yield f"{per_s:,.4g} requests/s were served, but {most:,.4g}/s arrived"


def _by_allowance(replies: float, trial: Trial, bounds: Bounds) -> Iterator[str]:
    """A service that limits its callers serves no more than the rate that it allows, and a burst."""
    allowance = bounds.allowance
    if allowance is not None and replies > allowance.most(trial.seconds) * (1 + TOLERANCE):
        yield (
            f"{replies:,.4g} requests were served in {trial.seconds:.4g} s, but {allowance.per_s:g}/s "
            f"and a burst of {allowance.burst} are allowed: {allowance.most(trial.seconds):,.4g}"
        )


def _by_origins_time(trial: Trial, bounds: Bounds, chance: float) -> Iterator[str]:
    """The origin takes no less time for a request than it was asked for: else the parameter did not arrive."""
    took_ms = trial.served.mean_ms if trial.served is not None else None
    if took_ms is not None and took_ms < bounds.origin_ms * (1 - TOLERANCE - chance):
        yield f"the origin took {took_ms:.4g} ms for a request, but was asked to take {bounds.origin_ms:g} ms"


def _by_littles_law(trial: Trial, per_s: float, mean_ms: float, bounds: Bounds) -> Iterator[str]:
    """No more requests are under way than there are clients: throughput × mean latency, of the same requests."""
    if bounds.clients is None or not trial.seconds or trial.ok < REPLIES_LEAST * bounds.clients:
        return
    per_s -= max(0.0, bounds.waited) / trial.seconds
    mean_ms -= max(0.0, bounds.edges_ms)
    under_way = per_s * mean_ms / 1000
    if under_way > bounds.clients * (1 + TOLERANCE + chance_of(bounds.error)):
        yield (
            f"{per_s:,.4g} requests/s × {mean_ms:,.4g} ms are {under_way:,.4g} requests "
            f"under way, but there are {bounds.clients} clients (Little's law)"
        )


def _by_cpu(trial: Trial, bounds: Bounds) -> Iterator[str]:
    """No more cores than there are, in all or for a role; no less CPU than the work takes."""
    roles = {name: role for name in ROLES if (role := getattr(trial.usage, name)) is not None and role.seconds > 0}
    used = {name: cores(role) for name, role in roles.items()}
    here = {name: used[name] for name in bounds.counted if name in used}
    if bounds.cores is not None and here:
        seconds = min(roles[name].seconds for name in here)
        if sum(here.values()) > _most(bounds.cores, bounds.quota, seconds):
            yield f"{sum(here.values()):.2f} cores were used ({_listed(here)}), but there are {bounds.cores:g}"
    for name, role in roles.items():
        if role.cores is not None and used[name] > _most(role.cores, role.quota, role.seconds):
            yield f"{name}: {used[name]:.2f} cores were used, but there are {role.cores:g}"
    if trial.cpu_s_per_1000 is not None and trial.cpu_s_per_1000 < 1000 * bounds.cpu_s * (1 - CPU_TOLERANCE):
        yield f"{trial.cpu_s_per_1000:.4g} CPU-seconds for 1,000 requests, but each takes at least {bounds.cpu_s:g} s"


def unaccounted(trial: Trial, bounds: Bounds) -> str | None:
    """That all processes of the run have used more CPU than its roles report; None if they have not.

    The session sees them from above. That is no bound: on a busy machine its interval and those of the roles may lie
    some tenths of a second apart.
    """
    machine = trial.machine
    if not bounds.steady or trial.usage.missing or machine is None or machine.own_cpu_s is None or not machine.seconds:
        return None
    seen = (machine.own_cpu_s - (machine.session_cpu_s or 0.0)) / machine.seconds
    told = {name: cores(role) for name in bounds.children if (role := getattr(trial.usage, name)) is not None}
    if sum(told.values()) >= seen * (1 - CPU_TOLERANCE) - IDLE_MOST * machine.cpus:
        return None
    told = {name: told[name] for name in ROLES if name in told}
    return f"all processes of the run used {seen:.2f} cores, but its roles report {_listed(told)}"


def _most(granted: float, quota: Quota | None, seconds: float) -> float:
    """Cores that may be used in so many seconds: at its edges, a window holds a part of one more period's quota."""
    edge_s = quota.cores * quota.period_s + quota.burst_s if quota is not None else 0.0
    return granted * (1 + CPU_TOLERANCE) + edge_s / seconds


def _listed(used: dict[str, float]) -> str:
    return ", ".join(f"{name} {cores_used:.2f}" for name, cores_used in used.items())

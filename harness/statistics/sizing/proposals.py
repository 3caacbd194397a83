"""How many slots, processes and machines a rate takes, and the p99 to expect. Pure; it goes beyond what was seen.

A request needs a slot and, on the way, the one core of a process: two queues, M/G/c and M/D/1. The CPU of a request and
the time for which it takes a slot are taken to be the same at every rate.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from harness.results.sizing import Proposal
from harness.statistics.sizing.costs import Costs
from harness.statistics.sizing.queues import drawn_waits_s, percentile

GROW = 1.2
"""By so much slots or processes grow in a step, where the p99 is above its limit."""
STEPS_MOST = 12
HARDLY = 0.02
"""Of the p99: where requests wait no longer than that, more slots and processes change nothing."""
SECONDS_AN_HOUR = 3600.0
ROUNDING = 1e-9
"""So little above a whole number is that number."""


class Wanted(NamedTuple):
    """What a proposal must serve, and with what."""

    rate_per_s: float
    utilisation: float
    cores: float
    """Of this machine, or its quota."""
    machine_mb: float
    limit_s: float | None = None
    """What the p99 must stay below."""
    price: float | None = None
    """Of a core for an hour."""
    slots_a_process: int = 1000
    """A worker has no more threads or greenlets, and an event loop no more coroutines at once."""
    children_a_worker: int = 64
    """Nor a worker more child processes."""
    seed: int = 1


class Shape(NamedTuple):
    """Processes, and the slots of each."""

    processes: int
    each: int

    @property
    def slots(self) -> int:
        """Of all processes together."""
        return self.processes * self.each


class Expected(NamedTuple):
    """Seconds, by drawn arrivals."""

    p99_s: float
    slot_wait_s: float
    """The p99 of the wait for a slot."""
    core_wait_s: float
    """And of the wait for the core of a process."""


def proposed(costs: Costs, wanted: Wanted) -> Proposal:
    """The fewest slots and processes that are no busier than planned, and that hold the limit if there is one.

    Where none do, those that would be taken without it.
    """
    each_s = costs.held_s(wanted.rate_per_s / _by_core(costs, wanted))
    slots = max(1, math.ceil(wanted.rate_per_s * each_s / wanted.utilisation - ROUNDING))
    shape = _shape(costs, wanted, slots, 1)
    usual = shape, response(costs, wanted, shape)
    expected = usual[1]
    for _ in range(STEPS_MOST):
        if not _can_be_quicker(expected, wanted):
            break
        if expected.slot_wait_s >= expected.core_wait_s:
            shape = _shape(costs, wanted, math.ceil(GROW * shape.slots), shape.processes)
        else:
            shape = _shape(costs, wanted, shape.slots, math.ceil(GROW * shape.processes))
        expected = response(costs, wanted, shape)
    missed = wanted.limit_s is not None and expected.p99_s > wanted.limit_s
    return _proposal(costs, wanted, *(usual if missed else (shape, expected)))


def _can_be_quicker(expected: Expected, wanted: Wanted) -> bool:
    """Whether the p99 is above its limit, and requests wait for what there could be more of."""
    longest_s = max(expected.slot_wait_s, expected.core_wait_s)
    over = wanted.limit_s is not None and expected.p99_s > wanted.limit_s
    return over and longest_s > HARDLY * expected.p99_s


def _shape(costs: Costs, wanted: Wanted, slots: int, processes: int) -> Shape:
    """At least so many slots, in as many processes as their cores and their slots need."""
    most = wanted.children_a_worker if costs.forks else wanted.slots_a_process
    processes = max(processes, _by_core(costs, wanted), math.ceil(slots / most))
    return Shape(processes, math.ceil(slots / processes))


def _by_core(costs: Costs, wanted: Wanted) -> int:
    """The fewest processes whose cores are no busier than planned."""
    return max(1, math.ceil(wanted.rate_per_s * costs.core_s / wanted.utilisation - ROUNDING))


def response(costs: Costs, wanted: Wanted, shape: Shape) -> Expected:
    """What requests take altogether: the wait for a slot, the slot, the wait for a core, and what is outside."""
    rate_per_s, seed = wanted.rate_per_s, wanted.seed
    in_slots = drawn_waits_s(shape.slots, rate_per_s, costs.services_s, seed)
    on_core = [0.0] * len(in_slots)
    if costs.core_s:
        on_core = [wait_s for wait_s, _ in drawn_waits_s(1, rate_per_s / shape.processes, [costs.core_s], seed + 1)]
    whole = [
        costs.outside_s + wait_s + service_s + core_wait_s
        for (wait_s, service_s), core_wait_s in zip(in_slots, on_core, strict=True)
    ]
    slot_waits = (wait_s for wait_s, _ in in_slots)
    return Expected(percentile(whole, 99), percentile(slot_waits, 99), percentile(on_core, 99))


def _proposal(costs: Costs, wanted: Wanted, shape: Shape, expected: Expected) -> Proposal:
    rate, slots, processes = wanted.rate_per_s, shape.slots, shape.processes
    cores = rate * costs.all_cpu_s / wanted.utilisation
    memory_mb = costs.process_mb * (processes + slots if costs.forks else processes)
    by_memory = math.ceil(memory_mb / (wanted.utilisation * wanted.machine_mb)) if wanted.machine_mb else 1
    held_s = costs.held_s(rate / processes)
    hours = costs.all_cpu_s / wanted.utilisation / SECONDS_AN_HOUR
    return Proposal(
        contender=costs.contender,
        side=costs.side,
        slots=slots,
        processes=processes,
        slots_each=shape.each,
        cores=cores,
        machines=max(1, math.ceil(cores / wanted.cores - 1e-9), by_memory),
        memory_mb=memory_mb,
        slots_busy=rate * held_s / slots,
        core_busy=rate * costs.core_s / processes,
        caller_cores=rate * costs.caller_s,
        broker_busy=rate * costs.broker_s,
        broker_calls_per_s=None if costs.broker_calls is None else rate * costs.broker_calls,
        broker_most_per_s=1 / costs.broker_s if costs.broker_s else None,
        p99_ms=1000 * expected.p99_s,
        misses=wanted.limit_s is not None and expected.p99_s > wanted.limit_s,
        bill_per_million=None if wanted.price is None else 1e6 * hours * wanted.price,
        slot_ms=1000 * held_s,
        core_ms=1000 * costs.core_s,
        cpu_ms=1000 * costs.all_cpu_s,
        outside_ms=1000 * costs.outside_s,
    )


def thinned(recorded: Sequence[tuple[float, int]], most: int = 200) -> list[float]:
    """A sample of at most so many values that stands for a histogram's: value and count of each."""
    total = sum(count for _, count in recorded)
    if not total:
        return []
    wanted = [(number + 0.5) * total / min(most, total) for number in range(min(most, total))]
    sample, passed, at = [], 0, iter(wanted)
    rank = next(at)
    for value, count in sorted(recorded):
        passed += count
        while rank <= passed:
            sample.append(value)
            if (rank := next(at, math.inf)) == math.inf:
                return sample
    return sample

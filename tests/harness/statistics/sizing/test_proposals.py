"""Proposals: slots, processes, machines, memory, broker and bill, each by hand; and what a limit changes."""

import pytest

from harness.statistics.sizing.costs import Costs
from harness.statistics.sizing.proposals import Wanted, proposed, thinned
from harness.statistics.sizing.verifying import FITS, Small, largest, smaller

WANTED = Wanted(rate_per_s=2000, utilisation=0.7, cores=2, machine_mb=8000)
THREADS = Costs(
    contender="celery-threads",
    side="celery",
    services_s=[0.2],
    outside_s=0.004,
    core_s=0.002,
    cpu_s=0.002,
    caller_s=0.001,
    broker_s=0.0002,
    broker_calls=17.0,
    process_mb=100.0,
)


def test_slots_processes_and_machines_follow_from_the_costs() -> None:
    """2,000/s of 0.2 s at 70 %: 571.4 slots, 5.7 workers, 9.1 cores, 40 % of a Redis."""
    made = proposed(THREADS, WANTED._replace(price=0.04))
    assert (made.processes, made.slots_each, made.slots) == (6, 96, 576)
    assert made.cores == pytest.approx(2000 * 0.0032 / 0.7)
    assert made.machines == 5
    assert made.memory_mb == 600
    assert made.broker_busy == pytest.approx(0.4)
    assert made.broker_most_per_s == pytest.approx(5000)
    assert made.broker_calls_per_s == 34_000
    assert made.bill_per_million == pytest.approx(0.0032 / 0.7 * 1e6 / 3600 * 0.04)
    assert 0.204 < made.p99_ms / 1000 < 0.26


def test_what_computes_in_its_slot_holds_it_while_it_waits_for_its_core() -> None:
    """1 ms of 20 on an event loop that 350/s keep busy to 35 %: 0.27 ms more by M/D/1, so that 1 % fewer fit."""
    loop = Costs("asyncio", "asyncio", [0.02], outside_s=0.0, core_s=0.001, cpu_s=0.001)
    wanted = WANTED._replace(rate_per_s=350)
    assert proposed(loop, wanted).slot_ms == pytest.approx(20.0)
    unhindered = loop._replace(unhindered=True)
    assert proposed(unhindered, wanted).slot_ms == pytest.approx(20 + 0.35 / (2 * 0.65))
    small, same = smaller(unhindered, proposed(unhindered, wanted), 2.0), smaller(loop, proposed(loop, wanted), 2.0)
    assert small is not None
    assert same is not None
    assert (small.slots, same.rate_per_s) == (8, 375.0)
    assert small.rate_per_s == pytest.approx(7.5 / unhindered.held_s(small.rate_per_s), rel=0.005)
    assert small.rate_per_s < 0.99 * same.rate_per_s


def test_where_each_slot_is_a_process_they_count_and_so_does_their_memory() -> None:
    """572 children at 64 a worker, and their main processes; the memory needs more machines than the cores."""
    forked = THREADS._replace(forks=True, core_s=0.0005)
    made = proposed(forked, WANTED)
    assert made.processes == 9
    assert made.slots >= 572
    assert made.memory_mb == 100.0 * (made.slots + made.processes)
    assert made.machines == 11


def test_a_limit_takes_more_slots_until_it_is_held() -> None:
    """Two slots at 70 % let requests wait; a p99 near the service time needs more."""
    slow = THREADS._replace(core_s=0.0)
    few = proposed(slow, WANTED._replace(rate_per_s=7))
    assert few.slots == 2
    assert few.p99_ms > 300
    more = proposed(slow, WANTED._replace(rate_per_s=7, limit_s=0.25))
    assert more.slots > 2
    assert more.p99_ms <= 250
    assert not more.misses


def test_a_limit_takes_more_processes_where_requests_wait_for_a_core() -> None:
    """An event loop that computes for 5 ms a request."""
    computing = Costs("asyncio", "asyncio", [0.02], outside_s=0.0, core_s=0.005, cpu_s=0.005)
    usual = proposed(computing, WANTED._replace(rate_per_s=270))
    limited = proposed(computing, WANTED._replace(rate_per_s=270, limit_s=0.035))
    assert usual.processes == 2
    assert limited.processes > 2
    assert limited.p99_ms <= 35


def test_a_limit_below_the_request_alone_is_missed_and_costs_nothing() -> None:
    """Slots change nothing about it."""
    made = proposed(THREADS, WANTED._replace(limit_s=0.1))
    assert made.misses
    assert made.slots == proposed(THREADS, WANTED).slots


def test_a_proposal_is_verified_with_as_many_slots_as_fit_and_can_be_told_from_one_fewer() -> None:
    """Arrivals for half a slot less: these slots can serve them, and one fewer cannot."""
    small = smaller(THREADS, proposed(THREADS, WANTED), cores=2)
    assert small == Small("celery-threads", 8, 37.5, 0.2)
    heavy = THREADS._replace(cpu_s=0.05, core_s=0.05)
    fitting = smaller(heavy, proposed(heavy, WANTED), cores=2)
    assert fitting is not None
    assert fitting.rate_per_s * heavy.core_s <= FITS
    assert fitting.slots == 2
    assert smaller(THREADS._replace(services_s=[0.002]), proposed(THREADS, WANTED), cores=2) is None
    assert largest([(heavy, proposed(heavy, WANTED)), (THREADS, proposed(THREADS, WANTED))], cores=2) == small
    dearer = THREADS._replace(contender="celery-gevent", cpu_s=0.003)
    two = largest([(each, proposed(each, WANTED)) for each in (THREADS, dearer)], cores=2)
    assert two is not None
    assert two.contender == "celery-gevent"


def test_a_sample_stands_for_its_histogram() -> None:
    """As many of each value as there were, in proportion."""
    assert thinned([(1.0, 600), (2.0, 400)], most=10) == [1.0] * 6 + [2.0] * 4
    assert thinned([(1.0, 2), (3.0, 1)]) == [1.0, 1.0, 3.0]
    assert thinned([]) == []

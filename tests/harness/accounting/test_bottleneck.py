"""The bottleneck: named from how busy each role was; which of several limits is named, and what is not known."""

from typing import Any

import msgspec
import pytest

from harness.accounting.bottleneck import bottleneck, cores, occupancy
from harness.results.model import Usages
from tests.builders import stages_of, usage_of

CPUS = 8


def limit_of(throughput_per_s: float = 10.0, execution_ms: float = 1.0, **roles: Any) -> str | None:
    """The bottleneck of a trial on 8 slots; roles that are not given idle."""
    idle = {role: usage_of(0.1) for role in ("driver", "workers", "broker", "origin")}
    return bottleneck(throughput_per_s, 8, stages_of(execution_ms), Usages(**(idle | roles)), CPUS)


def pool(main: float, children: list[float]) -> Any:
    """A worker whose main process and children kept those cores busy."""
    return usage_of(main + sum(children), main_cpu_s=2 * main, processes=1 + len(children))


BUSY_POOL = usage_of(0.95 + 2 * 0.95, main_cpu_s=2 * 0.95, processes=3)

LIMITS: list[tuple[str, dict[str, Any]]] = [
    ("driver", {"driver": usage_of(0.95)}),
    ("origin", {"origin": usage_of(0.95, busiest_cpu_s=2 * 0.95)}),
    ("broker", {"broker": usage_of(0.95)}),
    ("worker main process", {"workers": BUSY_POOL}),
]


def limit_at_full_slots(cpus: int = CPUS, throughput_per_s: float = 80.0, **roles: Any) -> str | None:
    """The bottleneck where 8 slots of 100 ms are full, or nearly."""
    return bottleneck(throughput_per_s, 8, stages_of(100.0), Usages(**roles), cpus)


def test_idle_roles_limit_nothing() -> None:
    """None, rather than a guess."""
    assert limit_of() is None


@pytest.mark.parametrize("role", ["driver", "broker"])
def test_a_role_of_one_process_is_limited_by_its_core(role: str) -> None:
    """At nine tenths of it, not below."""
    busy: dict[str, Any] = {role: usage_of(0.91)}
    less: dict[str, Any] = {role: usage_of(0.89)}
    assert limit_of(**busy) == role
    assert limit_of(**less) is None


def test_an_origin_is_limited_by_its_busiest_process() -> None:
    """One process at its limit answers late, however idle the others are; four at half are no limit."""
    busy = msgspec.structs.replace(usage_of(1.2, processes=4), busiest_cpu_s=2 * 0.95)
    even = msgspec.structs.replace(usage_of(2.0, processes=4), busiest_cpu_s=2 * 0.5)
    assert limit_of(origin=busy) == "origin"
    assert limit_of(origin=even) is None


def test_the_main_process_of_a_worker_is_told_from_its_children() -> None:
    """The main process talks to the broker; the children execute."""
    assert limit_of(workers=pool(0.95, [0.2, 0.2])) == "worker main process"
    assert limit_of(workers=pool(0.5, [0.95, 0.93])) == "worker children"
    assert limit_of(workers=pool(0.5, [0.95, 0.1])) is None


def test_the_machine_is_the_limit_where_its_cores_are_used_up_together() -> None:
    """No role by itself, but all of them: 0.8 + 0.8 + 0.8 + 5 of 8 cores."""
    busy: dict[str, Any] = {"driver": usage_of(0.8), "broker": usage_of(0.8), "origin": usage_of(0.8)}
    assert limit_of(workers=pool(0.8, [0.8] * 6), **busy) == "machine"


def test_slots_are_the_limit_by_littles_law() -> None:
    """80 requests a second of 100 ms keep 8 slots busy; 70 do not."""
    assert limit_of(80.0, 100.0) == "slots"
    assert limit_of(70.0, 100.0) is None
    assert occupancy(40.0, 8, stages_of(100.0)) == pytest.approx(0.5)
    assert occupancy(40.0, None, stages_of(100.0)) is None
    assert occupancy(40.0, 8, None) is None


@pytest.mark.parametrize("place", range(len(LIMITS)))
def test_a_role_at_its_limit_is_named_before_all_that_come_after_it(place: int) -> None:
    """Driver, origin, broker, workers; then the machine and the slots, which are at theirs in each case."""
    roles = {name: usage for _, role in LIMITS[place:] for name, usage in role.items()}
    assert limit_at_full_slots(cpus=1, **roles) == LIMITS[place][0]


def test_children_are_named_before_the_machine_and_the_machine_before_the_slots() -> None:
    """Two children at a core each on two cores; four at half of one; and none."""
    assert limit_at_full_slots(cpus=2, workers=usage_of(2.0, main_cpu_s=0.2, processes=3)) == "worker children"
    assert limit_at_full_slots(cpus=2, workers=usage_of(2.0, main_cpu_s=0.2, processes=5)) == "machine"
    assert limit_at_full_slots(cpus=3, workers=usage_of(2.0, main_cpu_s=0.2, processes=5)) == "slots"


@pytest.mark.parametrize(("cores_each", "expected"), [(0.451, "machine"), (0.449, None)])
def test_the_machine_is_the_sum_of_all_four_roles(cores_each: float, expected: str | None) -> None:
    """Nine tenths of two cores, of which each role has a quarter."""
    roles: dict[str, Any] = {role: usage_of(cores_each) for role in ("driver", "workers", "broker", "origin")}
    assert limit_at_full_slots(cpus=2, throughput_per_s=1.0, **roles) == expected


def test_a_limit_is_reached_at_nine_tenths() -> None:
    """Not only above."""
    assert limit_at_full_slots(driver=usage_of(0.9)) == "driver"
    assert limit_at_full_slots(throughput_per_s=72.0) == "slots"
    assert limit_at_full_slots(throughput_per_s=71.9) is None


def test_a_worker_without_children_is_its_main_process() -> None:
    """A thread pool executes in it."""
    assert limit_at_full_slots(workers=usage_of(0.95, main_cpu_s=2 * 0.95)) == "worker main process"
    assert limit_at_full_slots(throughput_per_s=1.0, workers=usage_of(0.5, main_cpu_s=2 * 0.5)) is None


def test_children_are_not_blamed_where_nobody_knows_their_share() -> None:
    """A role that does not tell its main process from the rest."""
    assert limit_at_full_slots(throughput_per_s=1.0, workers=usage_of(1.9, processes=3)) is None


def test_an_origin_that_does_not_tell_its_processes_apart_is_not_blamed() -> None:
    """Its total over several processes is no process at its limit."""
    assert limit_at_full_slots(throughput_per_s=1.0, origin=usage_of(2.0, processes=4)) is None


def test_a_role_that_was_not_read_limits_nothing() -> None:
    """Nor does one whose readings lie at one moment."""
    assert limit_at_full_slots(throughput_per_s=1.0) is None
    assert cores(None) == 0.0
    assert cores(msgspec.structs.replace(usage_of(1.0), seconds=0.0)) == 0.0


def test_without_slots_or_stages_slots_are_no_limit() -> None:
    """Asyncio unbounded has none; without good replies nothing is known."""
    assert bottleneck(1e6, None, stages_of(100.0), Usages(), CPUS) is None
    assert bottleneck(1e6, 8, None, Usages(), CPUS) is None
    assert occupancy(0.0, 8, stages_of(100.0)) == 0.0

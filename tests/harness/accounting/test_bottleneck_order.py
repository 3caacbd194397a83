"""The bottleneck: which of several limits is named, and what is not known."""

from typing import Any

import msgspec
import pytest

from harness.accounting.bottleneck import bottleneck, cores, occupancy
from harness.results.model import Usages
from tests.builders import stages_of, usage_of

CPUS = 8
BUSY_POOL = usage_of(0.95 + 2 * 0.95, main_cpu_s=2 * 0.95, processes=3)
LIMITS: list[tuple[str, dict[str, Any]]] = [
    ("driver", {"driver": usage_of(0.95)}),
    ("origin", {"origin": usage_of(0.95, busiest_cpu_s=2 * 0.95)}),
    ("broker", {"broker": usage_of(0.95)}),
    ("worker main process", {"workers": BUSY_POOL}),
]


def of(cpus: int = CPUS, throughput_per_s: float = 80.0, **roles: Any) -> str | None:
    """The bottleneck where 8 slots of 100 ms are full, or nearly."""
    return bottleneck(throughput_per_s, 8, stages_of(100.0), Usages(**roles), cpus)


@pytest.mark.parametrize("place", range(len(LIMITS)))
def test_a_role_at_its_limit_is_named_before_all_that_come_after_it(place: int) -> None:
    """Driver, origin, broker, workers; then the machine and the slots, which are at theirs in each case."""
    roles = {name: usage for _, role in LIMITS[place:] for name, usage in role.items()}
    assert of(cpus=1, **roles) == LIMITS[place][0]


def test_children_are_named_before_the_machine_and_the_machine_before_the_slots() -> None:
    """Two children at a core each on two cores; four at half of one; and none."""
    assert of(cpus=2, workers=usage_of(2.0, main_cpu_s=0.2, processes=3)) == "worker children"
    assert of(cpus=2, workers=usage_of(2.0, main_cpu_s=0.2, processes=5)) == "machine"
    assert of(cpus=3, workers=usage_of(2.0, main_cpu_s=0.2, processes=5)) == "slots"


@pytest.mark.parametrize(("cores_each", "expected"), [(0.451, "machine"), (0.449, None)])
def test_the_machine_is_the_sum_of_all_four_roles(cores_each: float, expected: str | None) -> None:
    """Nine tenths of two cores, of which each role has a quarter."""
    roles: dict[str, Any] = {role: usage_of(cores_each) for role in ("driver", "workers", "broker", "origin")}
    assert of(cpus=2, throughput_per_s=1.0, **roles) == expected


def test_a_limit_is_reached_at_nine_tenths() -> None:
    """Not only above."""
    assert of(driver=usage_of(0.9)) == "driver"
    assert of(throughput_per_s=72.0) == "slots"
    assert of(throughput_per_s=71.9) is None


def test_a_worker_without_children_is_its_main_process() -> None:
    """A thread pool executes in it."""
    assert of(workers=usage_of(0.95, main_cpu_s=2 * 0.95)) == "worker main process"
    assert of(throughput_per_s=1.0, workers=usage_of(0.5, main_cpu_s=2 * 0.5)) is None


def test_children_are_not_blamed_where_nobody_knows_their_share() -> None:
    """A role that does not tell its main process from the rest."""
    assert of(throughput_per_s=1.0, workers=usage_of(1.9, processes=3)) is None


def test_an_origin_that_does_not_tell_its_processes_apart_is_not_blamed() -> None:
    """Its total over several processes is no process at its limit."""
    assert of(throughput_per_s=1.0, origin=usage_of(2.0, processes=4)) is None


def test_a_role_that_was_not_read_limits_nothing() -> None:
    """Nor does one whose readings lie at one moment."""
    assert of(throughput_per_s=1.0) is None
    assert cores(None) == 0.0
    assert cores(msgspec.structs.replace(usage_of(1.0), seconds=0.0)) == 0.0


def test_without_slots_or_stages_slots_are_no_limit() -> None:
    """Asyncio unbounded has none; without good replies nothing is known."""
    assert bottleneck(1e6, None, stages_of(100.0), Usages(), CPUS) is None
    assert bottleneck(1e6, 8, None, Usages(), CPUS) is None
    assert occupancy(0.0, 8, stages_of(100.0)) == 0.0

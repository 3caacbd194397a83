"""The bottleneck: named from how busy each role was."""

from typing import Any

import msgspec
import pytest

from harness.accounting.bottleneck import bottleneck, occupancy
from harness.results.model import Usages
from tests.builders import stages_of, usage_of

CPUS = 8


def of(throughput_per_s: float = 10.0, execution_ms: float = 1.0, **roles: Any) -> str | None:
    """The bottleneck of a trial on 8 slots; roles that are not given idle."""
    idle = {role: usage_of(0.1) for role in ("driver", "workers", "broker", "origin")}
    return bottleneck(throughput_per_s, 8, stages_of(execution_ms), Usages(**(idle | roles)), CPUS)


def pool(main: float, children: list[float]) -> Any:
    """A worker whose main process and children kept those cores busy."""
    return usage_of(main + sum(children), main_cpu_s=2 * main, processes=1 + len(children))


def test_idle_roles_limit_nothing() -> None:
    """None, rather than a guess."""
    assert of() is None


@pytest.mark.parametrize("role", ["driver", "broker"])
def test_a_role_of_one_process_is_limited_by_its_core(role: str) -> None:
    """At nine tenths of it, not below."""
    busy: dict[str, Any] = {role: usage_of(0.91)}
    less: dict[str, Any] = {role: usage_of(0.89)}
    assert of(**busy) == role
    assert of(**less) is None


def test_an_origin_is_limited_by_its_busiest_process() -> None:
    """One process at its limit answers late, however idle the others are; four at half are no limit."""
    busy = msgspec.structs.replace(usage_of(1.2, processes=4), busiest_cpu_s=2 * 0.95)
    even = msgspec.structs.replace(usage_of(2.0, processes=4), busiest_cpu_s=2 * 0.5)
    assert of(origin=busy) == "origin"
    assert of(origin=even) is None


def test_the_main_process_of_a_worker_is_told_from_its_children() -> None:
    """The main process talks to the broker; the children execute."""
    assert of(workers=pool(0.95, [0.2, 0.2])) == "worker main process"
    assert of(workers=pool(0.5, [0.95, 0.93])) == "worker children"
    assert of(workers=pool(0.5, [0.95, 0.1])) is None


def test_the_machine_is_the_limit_where_its_cores_are_used_up_together() -> None:
    """No role by itself, but all of them: 0.8 + 0.8 + 0.8 + 5 of 8 cores."""
    busy: dict[str, Any] = {"driver": usage_of(0.8), "broker": usage_of(0.8), "origin": usage_of(0.8)}
    assert of(workers=pool(0.8, [0.8] * 6), **busy) == "machine"


def test_slots_are_the_limit_by_littles_law() -> None:
    """80 requests a second of 100 ms keep 8 slots busy; 70 do not."""
    assert of(80.0, 100.0) == "slots"
    assert of(70.0, 100.0) is None
    assert occupancy(40.0, 8, stages_of(100.0)) == pytest.approx(0.5)
    assert occupancy(40.0, None, stages_of(100.0)) is None
    assert occupancy(40.0, 8, None) is None

"""The bottleneck: named from how busy each role was; which of several limits is named, and what is not known."""

from typing import Any

import msgspec
import pytest

from harness.accounting.bottleneck import Facts, Limit, bottleneck, cores, occupancy
from harness.results.model import Machine, Quota, Usages
from tests.builders import stages_of, usage_of
from workloads.workload import Allowance, Places

CPUS = 8


def limit(usage: Usages, **known: Any) -> Limit:
    """Of a trial on 8 slots, with more clients than that."""
    facts: dict[str, Any] = {"throughput_per_s": 10.0, "slots": 8, "clients": 16, "cpus": CPUS, "cores": CPUS} | known
    return bottleneck(Facts(usage=usage, **facts))


def named(usage: Usages, **known: Any) -> str | None:
    """The name alone; None where nothing was busy."""
    name = limit(usage, **known).name
    return None if name == "unclear" else name


def limit_of(throughput_per_s: float = 10.0, execution_ms: float = 1.0, **roles: Any) -> str | None:
    """The bottleneck of a trial on 8 slots; roles that are not given idle."""
    idle = {role: usage_of(0.1) for role in ("driver", "workers", "broker", "origin")}
    return named(Usages(**(idle | roles)), throughput_per_s=throughput_per_s, stages=stages_of(execution_ms))


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
    return named(Usages(**roles), throughput_per_s=throughput_per_s, stages=stages_of(100.0), cpus=cpus, cores=cpus)


def test_idle_roles_limit_nothing() -> None:
    """None, rather than a guess."""
    assert limit_of() is None


@pytest.mark.parametrize("role", ["driver", "broker"])
def test_a_role_of_one_process_is_limited_by_its_core(role: str) -> None:
    """From four fifths of it, not below."""
    busy: dict[str, Any] = {role: usage_of(0.81)}
    less: dict[str, Any] = {role: usage_of(0.79)}
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


def test_no_share_is_more_than_all() -> None:
    """Roles that were read over intervals of their own may add up to more than two cores; a mean to more than slots."""
    roles = Usages(driver=usage_of(0.9), workers=usage_of(1.0, main_cpu_s=0.0, processes=1), broker=usage_of(0.3))
    found = limit(roles, cpus=2, cores=2, throughput_per_s=81.0, stages=stages_of(100.0))
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert found.busy["machine"] == pytest.approx(1.0)
    assert found.busy["slots"] == 1.0
    assert found.shares["driver"] == pytest.approx(0.9 / 2.2)


def test_what_a_service_allows_its_callers_is_a_limit_where_it_is_used_up() -> None:
    """19 of 20/s; a burst lets more through for a moment."""
    for served in (19.0, 24.0):
        found = limit(Usages(), throughput_per_s=served, allowance=Allowance(20.0, 5))
        assert (found.name, found.busy["the service's limit"]) == ("the service's limit", min(1.0, served / 20))
    assert limit(Usages(), throughput_per_s=15.0, allowance=Allowance(20.0, 5)).name == "unclear"


def test_slots_are_the_limit_by_littles_law() -> None:
    """80 requests a second of 100 ms keep 8 slots busy; 60 do not."""
    assert limit_of(80.0, 100.0) == "slots"
    assert limit_of(60.0, 100.0) is None
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


@pytest.mark.parametrize(("cores_each", "expected"), [(0.401, "machine"), (0.399, None)])
def test_the_machine_is_the_sum_of_all_four_roles(cores_each: float, expected: str | None) -> None:
    """Four fifths of two cores, of which each role has a quarter."""
    roles: dict[str, Any] = {role: usage_of(cores_each) for role in ("driver", "workers", "broker", "origin")}
    assert limit_at_full_slots(cpus=2, throughput_per_s=1.0, **roles) == expected


def test_a_limit_is_reached_at_four_fifths() -> None:
    """Not only above."""
    assert limit_at_full_slots(throughput_per_s=1.0, driver=usage_of(0.8)) == "driver"
    assert limit_at_full_slots(throughput_per_s=64.0) == "slots"
    assert limit_at_full_slots(throughput_per_s=63.9) is None


def test_below_nine_tenths_the_busiest_is_named() -> None:
    """A driver at 85 % beside slots at 89 %; at 90 %, the driver."""
    assert limit_at_full_slots(throughput_per_s=71.2, driver=usage_of(0.85)) == "slots"
    assert limit_at_full_slots(throughput_per_s=71.2, driver=usage_of(0.9)) == "driver"


def test_who_used_the_machine_is_listed_by_shares() -> None:
    """Of two cores, 1.82 were busy: 0.68, 0.82, 0.2 by roles, 0.12 by others."""
    usage = Usages(driver=usage_of(0.68), workers=usage_of(0.82, main_cpu_s=2 * 0.4), broker=usage_of(0.2))
    machine = Machine(seconds=10.0, cpus=2, others_cpu_s=1.2, steal_s=0.0)
    found = limit(usage, cpus=2, cores=2, machine=machine)
    shares = {who: round(100 * share) for who, share in found.shares.items()}
    assert (found.name, shares) == ("machine", {"driver": 34, "workers": 41, "broker": 10, "others": 6})
    assert found.busy["machine"] == pytest.approx(0.91)
    assert found.busy["driver"] == pytest.approx(0.68)


def test_others_are_named_where_the_machine_is_mostly_theirs() -> None:
    """The hypervisor's other guests too; interrupts and the session are shares of their own."""
    usage = Usages(driver=usage_of(0.4))
    noisy = Machine(seconds=1.0, cpus=2, others_cpu_s=1.0, steal_s=0.4)
    assert limit(usage, cpus=2, cores=2, machine=noisy).name == "others"
    ours = Machine(
        seconds=1.0, cpus=2, others_cpu_s=0.4, steal_s=0.2, interrupts_cpu_s=0.4, own_cpu_s=0.9, session_cpu_s=0.4
    )
    found = limit(usage, cpus=2, cores=2, machine=ours)
    assert found.name == "machine"
    assert found.shares == pytest.approx(
        {"driver": 0.2, "others": 0.2, "steal": 0.1, "interrupts": 0.2, "session": 0.2}
    )


def test_a_role_on_another_machine_is_no_share_of_this_one() -> None:
    """Its own core may be the limit all the same."""
    usage = Usages(driver=usage_of(0.4), workers=usage_of(1.8, main_cpu_s=2 * 0.3, processes=9))
    found = limit(usage, cpus=2, cores=2, elsewhere=frozenset({"workers"}))
    assert (found.name, found.shares) == ("unclear", {"driver": 0.2})


def test_roles_elsewhere_have_cores_of_their_own() -> None:
    """On other machines, or on other CPUs: neither is measured by those of the session."""
    workers = msgspec.structs.replace(usage_of(1.9, main_cpu_s=2 * 0.3, processes=9), cores=2.0)
    found = limit(Usages(driver=usage_of(0.4), workers=workers), cpus=1, cores=1, elsewhere=frozenset({"workers"}))
    assert (found.name, found.busy["machine"]) == ("cores of workers", 0.4)
    assert found.busy["cores of workers"] == pytest.approx(0.95)


def quota_of(throttled: int, cores: float = 0.5) -> Quota:
    """Over 100 periods."""
    return Quota(cgroup="/", cores=cores, period_s=0.1, periods=100, throttled_periods=throttled, throttled_s=1.0)


def test_a_cpu_quota_is_named_before_all_else() -> None:
    """Half a core, of which 0.46 are used: by whom, as shares of the quota; others are not bound by it."""
    usage = Usages(driver=usage_of(0.2), workers=usage_of(0.24, main_cpu_s=2 * 0.24))
    machine = Machine(seconds=1.0, cpus=2, others_cpu_s=1.5, steal_s=0.0, session_cpu_s=0.02, quota=quota_of(10))
    found = limit(usage, cpus=2, cores=0.5, machine=machine, throughput_per_s=80.0, stages=stages_of(100.0))
    assert found.name == "CPU quota"
    assert found.busy["CPU quota"] == pytest.approx(0.92)
    assert {who: round(share, 2) for who, share in found.shares.items()} == {
        "driver": 0.4,
        "workers": 0.48,
        "session": 0.04,
    }


def test_a_quota_that_is_used_up_most_of_the_time_is_the_limit_whatever_is_used_on_average() -> None:
    """Also that of a role in a container of its own; one that is rarely used up is not."""
    often = Machine(seconds=1.0, cpus=2, others_cpu_s=0.0, steal_s=0.0, quota=quota_of(60))
    rarely = Machine(seconds=1.0, cpus=2, others_cpu_s=0.0, steal_s=0.0, quota=quota_of(40))
    usage = Usages(driver=usage_of(0.1))
    assert limit(usage, cpus=2, cores=0.5, machine=often).name == "CPU quota"
    assert limit(usage, cpus=2, cores=0.5, machine=rarely).name == "unclear"
    bound = Usages(workers=usage_of(0.2, main_cpu_s=0.1, quota=quota_of(60)))
    assert limit(bound, cpus=2, cores=2, apart=frozenset({"workers"})).name == "CPU quota"
    full = Usages(workers=usage_of(0.47, main_cpu_s=0.1, quota=quota_of(0)))
    assert limit(full, cpus=2, cores=2, apart=frozenset({"workers"})).name == "CPU quota"
    assert limit(full, cpus=2, cores=0.5, apart=frozenset({"workers"})).busy["CPU quota"] == pytest.approx(0.94)


@pytest.mark.parametrize(
    ("execution_ms", "known", "name"),
    [
        (100.0, {"clients": 4}, "clients"),
        (100.0, {"clients": 16, "slots": None}, "clients"),
        (160.0, {"clients": 16, "slots": None}, "the work"),
        (160.0, {"clients": 16, "slots": None, "ideal_s": None}, "clients"),
        (100.0, {"clients": 16}, "unclear"),
        (100.0, {"clients": None, "sustained": True}, "rate"),
        (100.0, {"clients": None}, "unclear"),
        (100.0, {"clients": None, "slots": None}, "the work"),
    ],
)
def test_where_nothing_was_busy_the_reason_is_named(execution_ms: float, known: dict[str, Any], name: str) -> None:
    """Too few clients, too low a rate, work whose own time has grown; else it is not known."""
    found = limit(Usages(), **({"ideal_s": 0.1, "stages": stages_of(execution_ms)} | known))
    assert found.name == name


def test_what_the_work_lets_through_at_once_is_named_before_the_slots_that_wait_for_it() -> None:
    """Four connections of 100 ms at 39/s."""
    full = {
        "throughput_per_s": 39.0,
        "stages": stages_of(205.0),
        "ideal_s": 0.1,
        "at_once": Places("connections", 4, 0.1),
    }
    found = limit(Usages(), **full)
    assert found.name == "connections"
    assert found.busy["connections"] == pytest.approx(0.975)


@pytest.mark.parametrize(
    ("name", "throughput_per_s", "loop_held", "used"),
    [
        ("connections", 45.0, 0.0, 1.0),  # the mean of what they are held for is no bound
        ("connections", 10.0, 0.5, 0.25),
        ("event loop", 10.0, 0.5, 0.5),
        ("event loop", 30.0, 0.5, 0.75),
    ],
)
def test_how_far_places_of_the_work_are_used_up(
    name: str, throughput_per_s: float, loop_held: float, used: float
) -> None:
    """Four of 100 ms each, never more than all; an event loop is held by what else runs in it, too."""
    found = limit(Usages(), throughput_per_s=throughput_per_s, loop_held=loop_held, at_once=Places(name, 4, 0.1))
    assert found.busy[name] == pytest.approx(used)


def test_what_the_work_lets_through_at_once_is_named_also_where_others_use_the_machine() -> None:
    """More cores would not raise the rate."""
    machine = Machine(seconds=1.0, cpus=CPUS, others_cpu_s=0.97 * CPUS, steal_s=0.0)
    full = {"throughput_per_s": 39.0, "ideal_s": 0.1, "machine": machine}
    assert limit(Usages(), at_once=Places("connections", 4, 0.1), **full).name == "connections"
    assert limit(Usages(), at_once=Places("connections", 8, 0.1), **full).name == "others"


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
    assert named(Usages(), throughput_per_s=1e6, slots=None, clients=None, stages=stages_of(100.0)) == "the work"
    assert named(Usages(), throughput_per_s=1e6) is None
    assert occupancy(0.0, 8, stages_of(100.0)) == 0.0

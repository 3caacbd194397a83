"""Each bound holds what is possible, and catches what is not."""

from typing import Any

import msgspec
import pytest

from harness.accounting.physics import Bounds, broken_bounds, unaccounted
from harness.results.model import Latency, Machine, Quota, Served, Trial, Usage, Usages
from tests.builders import stages_of, trial_of
from workloads.workload import Allowance, PartFigures, Places, Spread


def measured(per_s: float, *, mean_ms: float = 100.0, ok: int = 1000, **changes: Any) -> Trial:
    """A trial of one second for each `per_s` good replies of `ok`."""
    latency = Latency(min=mean_ms, mean=mean_ms, p50=mean_ms, p90=mean_ms, p99=mean_ms, p999=None, max=mean_ms)
    changes = {"seconds": ok / per_s, "submitted": ok, "usage": Usages(), "served": None} | changes
    return msgspec.structs.replace(trial_of(1, throughput_per_s=per_s), ok=ok, latency_ms=latency, **changes)


def used(cores: float) -> Usage:
    """By a role, over two seconds."""
    return Usage(cpu_s=2 * cores, seconds=2.0, memory_mb=1.0, memory_kind="pss", processes=1)


def test_slots_serve_one_request_each_in_the_service_time() -> None:
    """16 of 50 ms: 320/s are possible, 325/s are not."""
    bounds = Bounds(steady=True, slots=16, ideal_s=0.05)
    assert broken_bounds(measured(320.0), bounds) == []
    assert broken_bounds(measured(325.0), bounds) == ["325 requests/s, but 16 slots ÷ 0.05 s are 320/s"]


@pytest.mark.parametrize(
    ("per_s", "seconds", "at_once"),
    [(267.4, 0.5, ("connections", 100)), (53.5, 0.5, ("connections", 20)), (85.3, 0.1, ("threads", 6))],
)
def test_a_limit_within_the_work_bounds_it_like_slots(per_s: float, seconds: float, at_once: tuple[str, int]) -> None:
    """Three figures that were once published, each far beyond what the pool lets through."""
    bounds = Bounds(steady=True, slots=300, ideal_s=seconds, at_once=Places(*at_once, seconds))
    (broken,) = broken_bounds(measured(per_s, mean_ms=1000 * seconds), bounds)
    assert f"{at_once[1]} {at_once[0]} ÷ {seconds:g} s are {at_once[1] / seconds:g}/s" in broken
    assert broken_bounds(measured(at_once[1] / seconds, mean_ms=1000 * seconds), bounds) == []


@pytest.mark.parametrize("steady", [True, False])
def test_no_more_executions_at_once_than_there_are_slots(*, steady: bool) -> None:
    """By their own stamps, so that it holds for a job of which nobody knows how long it takes, under any load."""
    trial = measured(100.0, ok=1000)
    assert broken_bounds(trial, Bounds(steady=steady, slots=4, executing_s=40.1)) == []
    assert broken_bounds(trial, Bounds(steady=steady, executing_s=50.0)) == []
    (broken,) = broken_bounds(trial, Bounds(steady=steady, slots=4, executing_s=50.0))
    assert broken == "executions took 50 s of the window of 10 s, but 4 slots had 40 s"


@pytest.mark.parametrize("steady", [True, False])
def test_nothing_takes_less_time_than_the_work_alone(*, steady: bool) -> None:
    """Also where slots are free, so that no rate is too high; timers of event loops may be 2 ms early."""
    bounds = Bounds(steady=steady, slots=64, ideal_s=0.05)
    assert broken_bounds(measured(100.0, mean_ms=47.5), bounds) == []
    (broken,) = broken_bounds(measured(100.0, mean_ms=30.0), bounds)
    assert broken == "replies took 30 ms on average, but the work alone takes 50 ms"
    assert broken_bounds(measured(100.0, mean_ms=30.0, ok=19), bounds) == []
    assert broken_bounds(measured(100.0, mean_ms=30.0), msgspec.structs.replace(bounds, error=0.2)) == []


def test_no_execution_takes_less_time_than_the_work_alone() -> None:
    """Where all that a contender adds hides it: a request of 1.7 ms that was asked to take 50, and 60 of transport."""
    trial = measured(10.0, mean_ms=61.7, stages_ms=stages_of(1.7))
    (broken,) = broken_bounds(trial, Bounds(steady=True, slots=4, ideal_s=0.05))
    assert broken == "executions took 1.7 ms on average, but the work alone takes 50 ms"
    assert broken_bounds(trial, Bounds(steady=True, slots=4, ideal_s=0.05, whole_execution=False)) == []
    (broken,) = broken_bounds(trial, Bounds(steady=True, slots=4, ideal_s=0.2, whole_execution=False))
    assert broken.endswith("but the work alone takes 200 ms (ideal_s, as its job declares)")


def jobs(count: int, alone_ms: float, shortfall_ms: float = 0.0) -> PartFigures:
    """Of one kind."""
    return PartFigures(count, Spread(alone_ms, None, None), Spread(alone_ms, None, None), shortfall_ms)


def test_no_job_is_done_sooner_than_it_takes_alone() -> None:
    """Beyond what a timer may end a wait too soon; whatever the load."""
    for steady in (True, False):
        bounds = Bounds(steady=steady, parts={"long": jobs(1, 2000.0, 2.5), "short": jobs(9, 20.0, 1.9)})
        assert broken_bounds(measured(10.0), bounds) == ["a long job was done 2.5 ms sooner than it takes alone"]


def test_jobs_of_all_kinds_together_take_what_the_slots_have() -> None:
    """Two slots for ten seconds, and for the 0.1 s that the last one took: 20.2 s, whatever a mean may say."""
    parts = {"long": jobs(8, 2000.0), "short": jobs(200, 20.0)}
    trial = measured(20.8, ok=208, seconds=10.0)
    assert broken_bounds(trial, Bounds(steady=True, slots=2, parts=parts)) == []
    assert broken_bounds(trial, Bounds(steady=True, parts=parts | {"long": jobs(99, 2000.0)})) == []
    (broken,) = broken_bounds(trial, Bounds(steady=True, slots=2, parts=parts | {"long": jobs(9, 2000.0)}))
    assert broken == "jobs that take 22 s were done, but 2 slots had 20.2 s"


def test_a_few_jobs_of_several_kinds_are_bounded_by_what_each_takes() -> None:
    """Five short ones of 20 ms are no jobs of 39 ms, which is the mean of all in the long run."""
    trial = measured(50.0, mean_ms=60.0, ok=100)
    assert broken_bounds(trial, Bounds(steady=False, slots=1, ideal_s=0.039, parts={"short": jobs(100, 20.0)})) == []


def test_no_more_than_the_origin_has_counted() -> None:
    """Each reply takes at least one request to it; what is under way at the edges of the window is allowed for."""
    bounds = Bounds(steady=True, clients=10, origin_requests=1.0)
    counted = Served(requests=2000, seconds=10.0, mean_ms=50.0)
    assert broken_bounds(measured(200.0, mean_ms=50.0, seconds=10.0, served=counted), bounds) == []
    (broken,) = broken_bounds(measured(267.4, mean_ms=37.0, seconds=10.0, served=counted), bounds)
    assert broken == "267.4 requests/s, each of at least 1 to the origin, which counted 200/s"


def test_replies_of_many_requests_need_so_many_to_the_origin() -> None:
    """Twenty replies a second, of 25 requests each; of four clients, 100 may be under way when the window opens."""
    bounds = Bounds(steady=True, clients=4, origin_requests=25.0)
    known = {
        count: broken_bounds(
            measured(20.0, mean_ms=200.0, seconds=10.0, served=Served(requests=count, seconds=10.0, mean_ms=50.0)),
            bounds,
        )
        for count in (5000, 4850, 4600)
    }
    assert known == {
        5000: [],
        4850: [],
        4600: ["20 requests/s, each of at least 25 to the origin, which counted 460/s"],
    }


def test_an_origin_that_is_read_late_has_still_counted_what_the_window_held() -> None:
    """As seen: read 0.3 s after a window of 3.2 s, when the load had ended, it had counted no more for that."""
    bounds = Bounds(steady=True, clients=8, origin_requests=1.0)
    late = Served(requests=143, by_parts=143.0, seconds=3.535, mean_ms=14.4)
    trial = measured(45.9, mean_ms=170.0, seconds=3.217, served=late)
    assert broken_bounds(trial, bounds) == []
    few = Served(requests=125, by_parts=125.0, seconds=3.535, mean_ms=14.4)
    (broken,) = broken_bounds(measured(45.9, mean_ms=170.0, seconds=3.217, served=few), bounds)
    assert broken == "45.9 requests/s, each of at least 1 to the origin, which counted 38.86/s"


def test_the_origin_takes_as_long_as_it_was_asked_to() -> None:
    """1.7 ms where 5 were asked for: the parameter did not arrive."""
    bounds = Bounds(steady=True, origin_ms=5.0)
    assert broken_bounds(measured(100.0, served=Served(requests=1000, seconds=10.0, mean_ms=4.95)), bounds) == []
    (broken,) = broken_bounds(measured(100.0, served=Served(requests=1000, seconds=10.0, mean_ms=1.7)), bounds)
    assert broken == "the origin took 1.7 ms for a request, but was asked to take 5 ms"
    assert broken_bounds(measured(100.0), bounds) == []


def test_no_more_requests_are_under_way_than_there_are_clients() -> None:
    """60 clients whose replies take 1.504 s do 39.9/s."""
    bounds = Bounds(steady=True, clients=60)
    assert broken_bounds(measured(39.9, mean_ms=1504.0), bounds) == []
    (broken,) = broken_bounds(measured(53.5, mean_ms=1504.0), bounds)
    assert broken.startswith("53.5 requests/s × 1,504 ms are 80.46 requests under way, but there are 60 clients")


def test_what_requests_took_after_the_window_was_not_under_way_in_it() -> None:
    """A fault after its end makes the last requests take seconds; less of that than of the window bends nothing."""
    trial = measured(53.5, mean_ms=1504.0)
    assert broken_bounds(trial, Bounds(steady=True, clients=60, edges_ms=400.0)) == []
    assert broken_bounds(trial, Bounds(steady=True, clients=60, edges_ms=300.0)) != []
    assert broken_bounds(measured(39.9, mean_ms=1504.0), Bounds(steady=True, clients=60, edges_ms=-400.0)) == []


def test_executions_that_requests_had_waited_for_since_before_the_window_are_not_its_latencies() -> None:
    """Of 1,070 in ten seconds, 70 had been sent before; their own number beyond the end bends nothing."""
    trial = measured(107.0, mean_ms=100.0, ok=1000, seconds=10.0)
    assert broken_bounds(trial, Bounds(steady=True, clients=10, waited=70.0)) == []
    assert broken_bounds(trial, Bounds(steady=True, clients=10, waited=40.0)) != []
    assert broken_bounds(measured(100.0, seconds=10.0), Bounds(steady=True, clients=10, waited=-70.0)) == []


def test_a_window_of_few_responses_has_edges_alone() -> None:
    """Fewer than five replies of each client."""
    trial = measured(53.5, mean_ms=1504.0, ok=299)
    assert broken_bounds(trial, Bounds(steady=True, clients=60)) == []
    assert broken_bounds(msgspec.structs.replace(trial, ok=300), Bounds(steady=True, clients=60)) != []


def test_the_mean_of_few_scattered_latencies_is_no_bound() -> None:
    """A mean with a standard error of a tenth may lie off by far more than a tolerance."""
    trial = measured(45.0, mean_ms=1504.0)
    assert broken_bounds(trial, Bounds(steady=True, clients=60)) != []
    assert broken_bounds(trial, Bounds(steady=True, clients=60, error=0.1)) == []


def test_no_more_is_served_than_arrives() -> None:
    """What was waiting when the window opened may be served too."""
    trial = measured(110.0, submitted=1000, seconds=10.0)
    assert broken_bounds(trial, Bounds(steady=True, arrives=True, waiting_at_first=100)) == []
    (broken,) = broken_bounds(trial, Bounds(steady=True, arrives=True))
    assert broken == "110 requests/s were served, but 100/s arrived"


def test_no_more_cores_than_the_machine_has() -> None:
    """Over all roles; nothing is said where they run on several machines."""
    trial = measured(100.0, usage=Usages(driver=used(1.0), workers=used(1.2)))
    (broken,) = broken_bounds(trial, Bounds(steady=True, cores=2))
    assert broken == "2.20 cores were used (driver 1.00, workers 1.20), but there are 2"
    assert broken_bounds(trial, Bounds(steady=True, cores=4)) == []
    assert broken_bounds(trial, Bounds(steady=True)) == []


def granted(cores: float, **changes: Any) -> Quota:
    """A quota of periods of 100 ms."""
    quota = Quota(cgroup="/", cores=cores, period_s=0.1, periods=20, throttled_periods=9, throttled_s=1.0)
    return msgspec.structs.replace(quota, **changes)


def test_no_more_than_a_cpu_quota_grants() -> None:
    """Half a core: over two seconds, a window may hold a part of one more period, and what a burst has saved."""
    bounds = Bounds(steady=True, cores=0.5, quota=granted(0.5))
    fits, exceeds = (measured(100.0, usage=Usages(driver=used(0.2), workers=used(share))) for share in (0.34, 0.36))
    assert broken_bounds(fits, bounds) == []
    assert broken_bounds(exceeds, bounds) == ["0.56 cores were used (driver 0.20, workers 0.36), but there are 0.5"]
    assert broken_bounds(exceeds, Bounds(steady=True, cores=0.5, quota=granted(0.5, burst_s=0.1))) == []


def test_no_role_uses_more_than_its_own_cores() -> None:
    """Of a container of its own, say."""
    within = msgspec.structs.replace(used(0.5), cores=0.5, quota=granted(0.5))
    beyond = msgspec.structs.replace(used(0.6), cores=0.5, quota=granted(0.5))
    assert broken_bounds(measured(100.0, usage=Usages(workers=within)), Bounds(steady=True)) == []
    (broken,) = broken_bounds(measured(100.0, usage=Usages(workers=beyond)), Bounds(steady=True))
    assert broken == "workers: 0.60 cores were used, but there are 0.5"


@pytest.mark.parametrize(("workers", "broken"), [(1.52, True), (1.6, False)])
def test_the_roles_add_up_to_no_less_than_all_processes_of_the_run(workers: float, *, broken: bool) -> None:
    """As the session sees them from above: 1.92 cores, without its own; idle workers of others may use a tenth."""
    own = Machine(seconds=2.0, cpus=2, others_cpu_s=0.0, steal_s=0.0, own_cpu_s=3.94, session_cpu_s=0.1)
    trial = measured(100.0, usage=Usages(driver=used(0.1), workers=used(workers), broker=used(0.05)), machine=own)
    children = frozenset({"driver", "workers", "broker"})
    found = unaccounted(trial, Bounds(steady=True, children=children))
    said = f"driver 0.10, workers {workers:.2f}, broker 0.05"
    said = f"all processes of the run used 1.92 cores, but its roles report {said}"
    assert found == (said if broken else None)
    assert unaccounted(trial, Bounds(steady=False, children=children)) is None


def test_roles_that_were_not_read_add_up_to_nothing() -> None:
    """Their share is not known, so nothing is missing."""
    own = Machine(seconds=2.0, cpus=2, others_cpu_s=0.0, steal_s=0.0, own_cpu_s=3.84, session_cpu_s=0.0)
    trial = measured(100.0, usage=Usages(driver=used(0.1), missing={"workers": "no answer"}), machine=own)
    assert unaccounted(trial, Bounds(steady=True, children=frozenset({"driver", "workers"}))) is None


def test_a_broker_is_not_counted_among_the_cores_of_this_machine() -> None:
    """Where its URL was given: it may run elsewhere. One of the run's own is."""
    trial = measured(100.0, usage=Usages(driver=used(1.0), workers=used(0.9), broker=used(1.0)))
    assert broken_bounds(trial, Bounds(steady=True, cores=2)) == []
    (broken,) = broken_bounds(trial, Bounds(steady=True, cores=2, counted=("driver", "workers", "broker")))
    assert broken.startswith("2.90 cores were used")


def test_no_less_cpu_than_the_work_takes() -> None:
    """A thousand requests that compute for 40 ms each take 40 CPU-seconds."""
    bounds = Bounds(steady=True, cpu_s=0.04)
    assert broken_bounds(measured(10.0, cpu_s_per_1000=40.5), bounds) == []
    (broken,) = broken_bounds(measured(10.0, cpu_s_per_1000=30.0), bounds)
    assert broken == "30 CPU-seconds for 1,000 requests, but each takes at least 0.04 s"


def ends_by_itself(served: Served, **known: Any) -> list[str]:
    """The bounds that a backlog of 1,000 requests breaks, worked off at 300/s in the second half of its window."""
    trial = measured(300.0, mean_ms=1000.0, seconds=6.7, served=served)
    return broken_bounds(trial, Bounds(steady=False, whole=True, **known))


def test_a_load_that_ends_by_itself_is_held_against_all_that_the_origin_counted() -> None:
    """Its rate is that of a part of its window, but every request lies within; Little's law says nothing of it."""
    counted = Served(requests=1000, seconds=6.8, mean_ms=50.0)
    assert ends_by_itself(counted, clients=1, origin_requests=1.0, origin_ms=50.0) == []
    few = Served(requests=900, seconds=6.8, mean_ms=20.0)
    assert ends_by_itself(few, origin_requests=1.0, origin_ms=50.0) == [
        "1,000 replies, each of at least 1 to the origin, which counted 900",
        "the origin took 20 ms for a request, but was asked to take 50 ms",
    ]


def test_a_service_that_limits_its_callers_serves_no_load_more_than_it_allows() -> None:
    """100/s and five at once: 675 in 6.7 s."""
    counted = Served(requests=1000, seconds=6.8, mean_ms=50.0)
    assert ends_by_itself(counted, allowance=Allowance(150.0, 5)) == []
    (broken,) = ends_by_itself(counted, allowance=Allowance(100.0, 5))
    assert broken == "1,000 requests were served in 6.7 s, but 100/s and a burst of 5 are allowed: 675"


def test_no_more_of_a_replayed_file_is_served_than_arrives() -> None:
    """Its window ends with its last arrival, when requests are still under way, in the origin as many as have slots."""
    trial = measured(110.0, submitted=1000, seconds=10.0, served=Served(requests=1070, seconds=10.0, mean_ms=50.0))
    bounds = Bounds(steady=False, arrives=True, origin_requests=1.0)
    assert broken_bounds(trial, msgspec.structs.replace(bounds, waiting_at_first=100)) == []
    (arrived, counted) = broken_bounds(trial, msgspec.structs.replace(bounds, waiting_at_last=500, slots=4))
    assert arrived == "110 requests/s, each of at least 1 to the origin, which counted 107/s"
    assert counted == "110 requests/s were served, but 100/s arrived"

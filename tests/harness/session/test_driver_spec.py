"""The part of each driver of a trial."""

from pathlib import Path
from typing import Any

import pytest

from harness.services.brokers.broker import BrokerPlace, broker_url
from harness.session.driver_spec import SEEDS_APART, TrialWork, spec_of
from tests.harness.session.doubles import plan_of
from workloads.workload import Services


def work_of(plan: dict[str, Any] | None = None, **changes: Any) -> TrialWork:
    """A trial of one driver that executes the work itself."""
    values: dict[str, Any] = {
        "plan": plan_of(**({"warmup_s": 1.0} | (plan or {}))),
        "services": Services(origin_url=None),
        "trial_id": 7,
        "timeout_s": 30.0,
        "seed": 5,
        "sampled": False,
        "spool": Path("folder/3.spool"),
    }
    return TrialWork(**(values | changes))


def test_a_single_driver_has_the_whole_load_and_all_slots() -> None:
    """And waits for nobody."""
    spec = spec_of(work_of(), 0)
    assert (spec.load, spec.assignment.slots, spec.together, spec.seed) == ("closed:8", 4, False, 5)


def test_several_drivers_that_execute_share_load_and_slots() -> None:
    """As evenly as can be; the parts add up, and each has a seed and a spool of its own."""
    work = work_of(plan={"load": "closed:9", "slots": 5}, drivers=2)
    specs = [spec_of(work, index) for index in range(2)]
    assert [spec.load for spec in specs] == ["closed:5", "closed:4"]
    assert [spec.assignment.slots for spec in specs] == [3, 2]
    assert [spec.seed for spec in specs] == [5, 5 + SEEDS_APART]
    assert [spec.driver for spec in specs] == [0, 1]
    assert all(spec.together for spec in specs)
    assert [Path(spec.spool) for spec in specs] == work.spools()
    assert len(set(work.spools())) == 2


def test_slots_of_workers_are_not_shared_by_drivers() -> None:
    """All drivers send to the same ones."""
    spec = spec_of(work_of(drivers=2, workers=("w1",)), 1)
    assert (spec.assignment.slots, spec.assignment.workers) == (4, ["w1"])


def test_each_driver_has_one_of_the_shards() -> None:
    """In turn: so a request's broker follows from its id, in which its driver's number is."""
    places = tuple(BrokerPlace(broker_url(f"redis://{name}"), broker_url(f"redis://{name}")) for name in "ab")
    specs = [spec_of(work_of(drivers=4, workers=("w1",), places=places), index) for index in range(4)]
    assert [spec.assignment.broker for spec in specs] == [*places, *places]
    assert {spec.assignment.shards for spec in specs} == {2}


def test_a_load_that_cannot_be_spread_is_an_error() -> None:
    """The plan says so before; here it would be a defect."""
    with pytest.raises(ValueError, match="cannot be spread over 2 drivers"):
        spec_of(work_of(plan={"load": "drain:10"}, drivers=2), 0)


@pytest.mark.parametrize(
    ("sparing", "load", "warmup_s"),
    [(True, "burst:10", 0.0), (True, "closed:8", 1.0), (False, "burst:10", 1.0)],
)
def test_somebodys_service_gets_no_request_beyond_those_asked_for(sparing: bool, load: str, warmup_s: float) -> None:
    """No warm-up, where requests are counted."""
    assert spec_of(work_of(plan={"load": load}, sparing=sparing), 0).warmup_s == warmup_s


def test_a_number_of_requests_stands_instead_of_a_duration() -> None:
    """One of the two."""
    timed = spec_of(work_of(plan={"duration_s": 2.0}), 0)
    counted = spec_of(work_of(plan={"duration_s": 2.0, "requests": 50}), 0)
    assert (timed.duration_s, timed.requests) == (2.0, None)
    assert (counted.duration_s, counted.requests) == (None, 50)


@pytest.mark.parametrize(
    ("load", "publishing", "backlog"), [("drain:9", False, True), ("drain:9", True, False), ("closed:9", False, False)]
)
def test_a_drain_is_a_backlog_unless_its_publish_rate_is_compared(load: str, publishing: bool, backlog: bool) -> None:
    """A backlog may be published in any way: it is what works it off that is measured."""
    spec = spec_of(work_of(plan={"load": load, "publishing": publishing}), 0)
    assert spec.assignment.backlog is backlog

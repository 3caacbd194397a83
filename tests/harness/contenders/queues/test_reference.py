"""References behind a queue: what they cannot do is said with the reason; a result reaches no class by its name."""

from typing import Any

import pytest

from harness.contenders.contender import contender_of
from harness.contenders.queues.reference import INSTALL
from harness.contenders.sides import declaration
from harness.contenders.streaq_queue.queue import dumps
from harness.contenders.taskiq_queue.broker import Results
from harness.contenders.taskiq_queue.client import POLL_S
from harness.plan.cells import cells
from harness.plan.floor import VIEW, with_floor
from harness.plan.plan import Plan, ViewPlan
from harness.services.brokers.broker import BrokerPlace, broker_url

REDIS, RABBITMQ = broker_url("redis://a"), broker_url("amqp://u:p@a//")
OWN = BrokerPlace(REDIS, REDIS)
GIVEN = BrokerPlace(REDIS, REDIS, "workbench:x:00beef:")
QUEUES = ["queue-bare", "streaq", "taskiq"]


@pytest.mark.parametrize(("name", "module"), [("streaq", "streaq"), ("taskiq", "taskiq and taskiq_redis")])
def test_without_its_library_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, name: str, module: str) -> None:
    """And has nothing imported."""
    monkeypatch.setattr(declaration, "find_spec", lambda _: None)
    assert contender_of(name).cannot("noop", OWN) == f"{module} not installed: {INSTALL}"
    assert contender_of(name).preload(["noop"]) == []
    assert contender_of("queue-bare").cannot("noop", OWN) is None


@pytest.mark.parametrize(
    ("name", "workload", "place", "says"),
    [
        ("taskiq", "noop", OWN, None),
        ("taskiq", "noop", GIVEN, None),
        ("streaq", "noop", OWN, None),
        ("streaq", "noop", GIVEN, "a Redis of the run's own"),
        *((name, "noop", BrokerPlace(RABBITMQ, REDIS), "Redis alone") for name in QUEUES),
        *((name, "cancel", OWN, "scenario's jobs cannot be stopped") for name in QUEUES),
    ],
)
def test_what_it_cannot_do_has_a_reason(name: str, workload: str, place: BrokerPlace, says: str | None) -> None:
    """Of the work, and of the broker."""
    reason = contender_of(name).cannot(workload, place)
    assert reason is None if says is None else says in str(reason)


@pytest.mark.parametrize(("name", "drains"), [("queue-bare", 1), ("streaq", 0), ("taskiq", 0)])
def test_the_floor_of_what_cannot_be_paused_has_no_drain(name: str, drains: int) -> None:
    """Its no-op alone remains."""
    plan = Plan(
        rounds=3, view=[ViewPlan(name="own", workloads=["sleep"], contenders=[f"{name}:2"], loads=["closed:8"])]
    )
    loads = [cell.load for cell in with_floor(plan, cells(plan, "the test")) if cell.views == [VIEW]]
    assert "closed:1" in loads
    assert sum(load.startswith("drain") for load in loads) == drains


@pytest.mark.parametrize("name", QUEUES)
def test_its_row_says_what_it_promises(name: str) -> None:
    """And how results are waited for."""
    said = contender_of(name).settings(4, "noop")
    assert said.keys() == {"slots", "delivery", "acknowledged", "results", "serializer"}
    assert said["serializer"] == "json"
    if name == "taskiq":
        assert said["results"] == f"polled every {1000 * POLL_S:g} ms"


@pytest.mark.parametrize("error", [{"exc_type": "system", "exc_module": "os", "exc_message": ["true"]}, "text"])
def test_an_error_in_a_result_of_taskiq_is_a_text(error: Any) -> None:
    """Its own reader would look the class up by those names, and call it."""
    serializer = Results()
    stored = serializer.dumpb({"is_err": True, "return_value": None, "error": error})
    loaded = serializer.loadb(stored)
    assert loaded["error"] is None
    assert "true" in loaded["return_value"][1] or loaded["return_value"][1] == "text"
    good = {"is_err": False, "return_value": [1], "error": None}
    assert serializer.loadb(serializer.dumpb(good)) == good


def test_an_exception_goes_through_streaq_as_its_text() -> None:
    """JSON has no other form for it; what is no JSON value is refused, not pickled."""
    assert dumps({"r": ValueError("no")}) == '{"r": "ValueError: no"}'
    with pytest.raises(TypeError, match="is not JSON"):
        dumps({"r": object()})

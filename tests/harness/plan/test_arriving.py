"""What is asked for reaches what executes it, or is an error; and each row says what did not."""

from typing import Any

import pytest

from harness.contenders.contender import contender_of
from harness.errors import UsageError
from harness.plan.arriving import check_arrives, not_in_effect
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.making import make_plan
from harness.services.origin import origin_url
from tests.harness.session.doubles import plan_of

HTTP: dict[str, Any] = {"workloads": ["http_date"], "contenders": ["asyncio:4"], "loads": ["closed:8"]}
THERE = {"origin": origin_url("http://127.0.0.1:8000")}


def arrives(*, foreign_origin: bool = False, **asked: Any) -> None:
    """Check what such a command asks for."""
    options = Asked(**(HTTP | asked))
    plan = make_plan(options)
    check_arrives(options, plan, cells(plan, "here"), foreign_origin=foreign_origin)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (THERE | {"settings": ["http_date.latency_ms=5"]}, "http_date.latency_ms cannot be set"),
        (THERE | {"settings": ["http_date.latency=lognormal"]}, "http_date.latency cannot be set"),
        (THERE | {"workloads": ["pipeline"]}, "pipeline calls routes that only the workbench's origin has"),
        (THERE | {"workloads": ["http_date", "cancel"]}, "cancel calls routes"),
    ],
)
def test_another_service_takes_no_parameters(asked: dict[str, Any], named: str) -> None:
    """One that was set is refused with its name; the workbench's own origin takes all of them."""
    with pytest.raises(UsageError, match=named):
        arrives(foreign_origin=True, **asked)
    arrives(**asked)


def test_what_the_work_itself_does_is_no_parameter_of_the_service() -> None:
    """And a default is refused nowhere."""
    arrives(foreign_origin=True, **THERE, settings=["http_date.cpu_ms=1", "http_date.connections=4"])
    arrives(foreign_origin=True, **THERE)


@pytest.mark.parametrize(
    ("contender", "workload", "setting"),
    [
        ("celery-threads:4", "http_date", "connections=4"),
        ("asyncio:4", "http_date", "client=requests"),
        ("celery-solo", "blocking_call", "threads=6"),
        ("celery-threads:4", "http_fanout", "how=queue"),
        ("asyncio:4", "fire_and_forget", "result=stored"),
        ("celery-asyncio:4", "http_date", "client=requests"),
        ("queue-bare:4", "http_date", "client=requests"),
    ],
)
def test_a_parameter_of_the_side_that_is_not_there_is_refused(contender: str, workload: str, setting: str) -> None:
    """With the other side in the run, it is taken."""
    asked: dict[str, Any] = {"workloads": [workload], "settings": [f"{workload}.{setting}"]}
    with pytest.raises(UsageError, match=f"{workload}.{setting.partition('=')[0]} has an effect on .* only"):
        arrives(contenders=[contender], **asked)
    arrives(contenders=["asyncio:4", "celery-threads:4"], **asked)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"loads": ["drain:50"], "requests": 20}, "--requests: drain:50 has its own number"),
        ({"loads": ["burst:50"], "duration": "2s"}, "--duration: burst:50 has its own number"),
        ({"loads": ["drain:50"], "drivers": 2}, "--drivers 2: drain:50 cannot be spread"),
        ({"loads": ["closed:1"], "drivers": 2}, "--drivers 2: closed:1 cannot be spread"),
        (THERE | {"origin_processes": 2}, "--origin-processes 2: the origin at http://127.0.0.1:8000 runs already"),
    ],
)
def test_an_amount_that_nothing_takes_is_refused(asked: dict[str, Any], named: str) -> None:
    """Where a single cell takes it, the run goes on."""
    with pytest.raises(UsageError, match=named):
        arrives(**asked)
    if "loads" in asked:
        arrives(**(asked | {"loads": [*asked["loads"], "closed:8"]}))


@pytest.mark.parametrize(
    ("contender", "params", "drivers", "foreign", "names"),
    [
        ("asyncio", {}, 1, True, ["latency", "latency_ms"]),
        ("asyncio", {}, 1, False, []),
        ("celery-threads", {"connections": 20}, 1, False, ["connections"]),
        ("celery-threads", {"client": "requests"}, 1, False, []),
        ("asyncio", {"connections": 20, "client": "requests"}, 1, False, ["client"]),
        ("celery-asyncio", {"connections": 20, "client": "requests"}, 1, False, ["client"]),
        ("queue-bare", {"connections": 20, "client": "requests"}, 1, False, ["client"]),
        ("asyncio", {}, 2, False, ["drivers"]),
    ],
)
def test_a_row_says_what_has_no_effect_in_it(
    contender: str, params: dict[str, Any], drivers: int, foreign: bool, names: list[str]
) -> None:
    """By whose body it executes: a coroutine in a worker has its pool. Defaults of the other side are left out."""
    plan = plan_of(workload="http_date", contender=contender, params=params)
    body = contender_of(contender).body
    assert list(not_in_effect(plan, body, drivers, foreign_origin=foreign)) == names

"""What `workbench size` makes of its options: nothing is measured here."""

import pytest

from harness.cli.size_options import SizeOptions
from harness.cli.sizing import prepared
from harness.errors import UsageError
from harness.plan.cells import cells


def test_a_job_is_named_with_its_parameters() -> None:
    """As --set would have them; on asyncio and on each pool, alone and in full use."""
    made = prepared(SizeOptions(rate="2000/s", job="sleep:seconds=0.2"))
    planned = cells(made.plan, "here")
    assert {cell.params["seconds"] for cell in planned} == {0.2}
    assert {cell.contender for cell in planned} == {"asyncio", "celery-prefork", "celery-threads", "celery-gevent"}
    assert made.sizing.rate_per_s == 2000
    assert made.sizing.utilisation == 0.7
    assert made.sizing.job == "sleep:seconds=0.2"


def test_times_alone_stand_for_a_job() -> None:
    """200 ms, of which 5 are computing."""
    made = prepared(SizeOptions(rate="10/s", service="200ms", cpu="5ms", pools=["threads"]))
    params = made.asked.set["mixed_cpu"]
    assert params == {"work_ms": "200", "cpu_percent": "2.5"}
    assert [cell.contender for cell in cells(made.plan, "here")] == ["asyncio", "celery-threads"] * 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"job": "sleep"}, "expected --rate"),
        ({"rate": "5/s"}, "expected --job, or --service"),
        ({"rate": "5/s", "job": "sleep", "cpu": "5ms"}, "--job and --cpu exclude each other"),
        ({"rate": "5/s", "service": "5ms", "cpu": "6ms"}, "--cpu 6ms: more than --service 5ms"),
        ({"rate": "5/s", "job": "sleep:second=1"}, "Did you mean 'seconds'?"),
        ({"rate": "5/s", "job": "sleep", "pools": ["thread"]}, "Did you mean 'threads'?"),
        ({"rate": "5", "job": "sleep"}, "expected a rate above 0"),
        ({"rate": "5/s", "job": "sleep", "price": "0.04"}, "such as 0.04/core-h; got '0.04'"),
        ({"rate": "5/s", "job": "sleep", "p99": "250"}, "--p99: expected a duration"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_measured(options: dict[str, object], said: str) -> None:
    """With what was given and what to do."""
    with pytest.raises(UsageError, match=said):
        prepared(SizeOptions(**options))  # type: ignore[arg-type]


def test_a_price_is_that_of_a_core_for_an_hour() -> None:
    """In whatever currency."""
    assert prepared(SizeOptions(rate="5/s", job="sleep", price="0.04/core-h")).sizing.price == 0.04

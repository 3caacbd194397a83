"""A time scale: what of a run becomes shorter, and what is refused because it would not."""

import pytest

from harness.errors import UsageError
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.making import make_plan
from harness.plan.plan import CellPlan
from harness.plan.reading import load_plan


def made(**asked: object) -> list[CellPlan]:
    """The cells of a run with a time scale of 60."""
    given: dict[str, object] = {
        "workloads": ["sleep"],
        "settings": ["sleep.seconds=300"],
        "contenders": ["celery-prefork+acks-late:2", "asyncio:2"],
        "loads": ["burst:6"],
        "time_scale": 60,
    }
    return cells(make_plan(Asked(**(given | asked))), "the test")  # type: ignore[arg-type]


def test_waits_are_as_much_shorter_and_every_row_says_so() -> None:
    """On both sides, by the contender's name."""
    celery, asyncio = made()
    assert celery.params["seconds"] == asyncio.params["seconds"] == 5.0
    assert str(celery.spec) == "celery-prefork+acks-late+time-scale-60:2"
    assert str(asyncio.spec) == "asyncio+time-scale-60:2"


def test_each_value_of_a_list_is_shorter_and_defaults_are_too() -> None:
    """A parameter that is no wait stays."""
    plan = make_plan(Asked(plan="long"))
    assert plan.time_scale == load_plan("long").time_scale == 60
    mix = next(cell for cell in cells(plan, "the test") if cell.workload == "mix")
    assert mix.params["jobs"] == "90%:20ms,10%:5s"
    (cell, _) = made(workloads=["delayed"], settings=[], time_scale=2)
    assert cell.params["delay_ms"] == 50.0


def test_a_scale_of_one_is_none_and_replaces_that_of_a_plan() -> None:
    """As where somebody has the time."""
    assert all("time-scale" not in str(cell.spec) for cell in cells(make_plan(Asked(plan="long", time_scale=1)), "x"))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"workloads": ["noop"], "settings": []}, "noop has no wait"),
        ({"workloads": ["rate_limited"], "settings": []}, "rate_limited has no wait"),
        ({"settings": []}, "sleep.seconds = 0.05: 0.833 ms would be left"),
        (
            {"workloads": ["mixed_cpu"], "settings": ["mixed_cpu.work_ms=3000", "mixed_cpu.cpu_percent=3"]},
            "mixed_cpu computes",
        ),
        ({"loads": ["open:4/s"]}, "open:4/s: a rate is that of real time"),
        ({"loads": ["surge:4/s*2"]}, "a rate is that of real time"),
        ({"loads": ["crash:warm-shutdown@2:open:4/s"]}, "a rate is that of real time"),
        ({"loads": ["crash:kill-child@2:burst:4"]}, "the time after which Celery misses a child"),
        ({"loads": ["crash:kill-broker@2:burst:4"]}, "the time after which clients connect to a broker again"),
        ({"contenders": ["queue-bare:2"]}, "a queue of others has times"),
        ({"contenders": ["celery-prefork:2@rabbitmq"]}, "rabbitmq has times of its own"),
        ({"contenders": ["celery-prefork+time-scale-60:2"]}, "a time scale is that of the whole run"),
        ({"contenders": ["asyncio+time-scale-60:2"], "time_scale": None}, "a time scale is that of the whole run"),
        ({"find_rate": "p99<1s", "loads": []}, "a search for a rate takes real time"),
        ({"time_scale": 1001}, "expected a whole number from 2 to 1000; got 1001"),
        ({"time_scale": -5}, "expected a whole number from 2 to 1000; got -5"),
    ],
)
def test_what_would_not_be_true_is_refused_with_the_reason(asked: dict[str, object], why: str) -> None:
    """Before anything starts."""
    with pytest.raises(UsageError, match=why):
        made(**asked)

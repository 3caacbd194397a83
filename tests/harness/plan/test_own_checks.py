"""What is checked of a job before a run: its sides, the hosts that it calls, how often it is called."""

from typing import Any

import msgspec
import pytest

from harness.errors import UsageError, WorkbenchError
from harness.jobs import registered
from harness.jobs.spec import Difference, Facts, JobSpec, OwnJob, Place
from harness.plan.asked import Asked
from harness.plan.own_checks import check_jobs, raise_difference
from harness.plan.own_jobs import CALLS
from harness.plan.plan import CellPlan
from harness.plan.reading import load_plan

BOTH = {"coroutine": Place("shop.client:fetch"), "task": Place("shop.tasks:fetch")}


def job(**facts: Any) -> OwnJob:
    """A job with both sides."""
    return OwnJob(spec=JobSpec(given="-w planted.py"), facts=Facts(name="planted", **(BOTH | facts)))


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> dict[str, OwnJob]:
    """The registered jobs."""
    one = {"planted": job()}
    monkeypatch.setattr(registered, "_jobs", one)
    return one


def cell(contender: str, **changes: Any) -> CellPlan:
    """Two rounds of 40 requests by 4 clients."""
    values: dict[str, Any] = {
        "id": contender,
        "views": ["view"],
        "workload": "planted",
        "params": {},
        "contender": contender,
        "slots": 4,
        "load": "closed:4",
        "requests": 40,
        "rounds": 2,
    }
    return CellPlan(**(values | changes))


def test_both_sides_are_tried_where_both_are_measured() -> None:
    """With the first payloads; a contender without a body of theirs has none to try."""
    (trying,) = check_jobs(Asked(), [cell("asyncio"), cell("celery-threads"), cell("fake")])
    assert (trying.calls, trying.sides) == (CALLS, frozenset({"asyncio", "celery"}))
    (alone,) = check_jobs(Asked(), [cell("celery-asyncio")])
    assert alone.sides == {"asyncio"}
    assert check_jobs(Asked(), [cell("asyncio", workload="sleep")]) == []


@pytest.mark.parametrize(
    ("facts", "contender", "message"),
    [
        ({"task": None}, "celery-threads", "celery-threads: planted has no task.* Add task=…"),
        ({"coroutine": None}, "asyncio", "asyncio: planted has no coroutine.* Add coroutine=…"),
        ({"coroutine": None}, "queue-bare", "queue-bare: planted has no coroutine"),
    ],
)
def test_a_side_that_is_missing_is_said(
    jobs: dict[str, OwnJob], facts: dict[str, Any], contender: str, message: str
) -> None:
    """With what to add, or to measure instead."""
    jobs["planted"] = job(**facts)
    with pytest.raises(UsageError, match=message):
        check_jobs(Asked(), [cell(contender)])


def test_drivers_elsewhere_cannot_have_the_job(jobs: dict[str, OwnJob]) -> None:
    """Workers elsewhere can: their own command line names it."""
    jobs["planted"] = job()
    check_jobs(Asked(workers="external"), [cell("celery-threads")])
    with pytest.raises(UsageError, match="Leave out --drivers"):
        check_jobs(Asked(workers="external"), [msgspec.structs.replace(cell("celery-threads"), drivers=2)])


def test_other_machines_are_called_only_if_that_is_allowed_and_bounded(jobs: dict[str, OwnJob]) -> None:
    """Their names stand in the payloads; loopback needs nothing."""
    jobs["planted"] = job(hosts=["127.0.0.1", "localhost", "::1"])
    check_jobs(Asked(), [cell("asyncio")])
    jobs["planted"] = job(hosts=["127.0.0.1", "api.example"])
    with pytest.raises(UsageError, match=r"planted calls api.example, which is not this machine.*--allow-remote"):
        check_jobs(Asked(), [cell("asyncio")])
    with pytest.raises(UsageError, match="with --at-most N"):
        check_jobs(Asked(allow_remote=True), [cell("asyncio")])
    check_jobs(Asked(allow_remote=True, at_most=1000), [cell("asyncio")])


def test_no_more_calls_are_planned_than_are_allowed() -> None:
    """40 requests and one before them, in two rounds and one that may be repeated, on two contenders: 246."""
    both = [cell("asyncio"), cell("celery-threads")]
    (trying,) = check_jobs(Asked(at_most=246 + 10), both)
    assert trying.calls == 5
    with pytest.raises(UsageError, match="--at-most 247: planted would be called up to 248 times"):
        check_jobs(Asked(at_most=247), both)
    (without_repeats,) = check_jobs(Asked(at_most=166, repeats=0), both)
    assert without_repeats.calls == 1


def test_what_takes_as_long_as_it_takes_has_no_bound() -> None:
    """A time, or a search."""
    with pytest.raises(UsageError, match=r"closed:4 calls as often as fits into its time. Add --requests"):
        check_jobs(Asked(at_most=1000), [cell("asyncio", requests=None)])
    with pytest.raises(UsageError, match="--find-rate, --why and --rounds auto"):
        check_jobs(Asked(at_most=1000, why=True), [cell("asyncio")])


def test_a_difference_shows_payload_path_and_both_replies() -> None:
    """And what to do if they may differ there."""
    difference = Difference(number=17, payload={"n": 17}, asyncio={"a": [1]}, celery={"a": [2]}, path="a[0]")
    with pytest.raises(WorkbenchError) as raised:
        raise_difference(job(), difference)
    assert str(raised.value).splitlines()[:4] == [
        "planted: both sides reply differently to payload 17 at a[0]",
        "    payload  {'n': 17}",
        "    asyncio  1",
        "    celery   2",
    ]
    assert "Job(ignore=['a'])" in str(raised.value)


@pytest.mark.parametrize("given", ["my_job.py", "shop.jobs:JOB"])
def test_a_job_in_place_of_a_plan_is_told_how_to_run_it(given: str) -> None:
    """Instead of an error of TOML."""
    with pytest.raises(UsageError, match=f"Type: workbench run -w {given}"):
        load_plan(given)


def test_a_side_that_fails_is_said_to_fail() -> None:
    """It replies nothing that could differ."""
    difference = Difference(
        number=17, payload={"n": 17}, asyncio="client.py, line 4: ValueError: x", celery=1, path="", failed="asyncio"
    )
    with pytest.raises(WorkbenchError, match="asyncio fails for payload 17, to which celery replies") as raised:
        raise_difference(job(), difference)
    assert "asyncio  client.py, line 4: ValueError: x" in str(raised.value)

"""A job as a workload: its name, and how each reply of a run is held against what both sides gave before."""

from pathlib import Path
from typing import Any

import pytest

from harness import registry
from harness.errors import UsageError
from harness.jobs import registered, workload
from harness.jobs.agreement import KEPT_CHARACTERS, REPLY_CHARACTERS, Agreement, learn
from harness.jobs.payloads import Numbered, Payloads
from harness.jobs.spec import Facts, JobSpec, OwnJob, Place
from harness.jobs.workload import by_check, check_of, job_name
from harness.recording.request_numbers import FIRST, first_number
from workloads.job import Job
from workloads.workload import Params, Services

HERE = Path()


async def fetch(n: int) -> int:
    """A coroutine function."""
    return n


def own(**facts: Any) -> OwnJob:
    """A job that expects `{"n": 1, "date": …}` to its payload 0."""
    return OwnJob(
        spec=JobSpec(given="-w planted.py"),
        facts=Facts(**({"name": "planted"} | facts)),
        expected={0: {"n": 1, "date": "monday"}},
    )


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> dict[str, OwnJob]:
    """The registered jobs: none."""
    none: dict[str, OwnJob] = {}
    monkeypatch.setattr(registered, "_jobs", none)
    return none


def test_a_registered_job_is_a_workload_beside_the_others(jobs: dict[str, OwnJob]) -> None:
    """It needs no services, and has no parameters and no ceiling of its own."""
    registered.add(own(coroutine=Place("shop:fetch", "shop.py", 3), ideal_s=0.05))
    assert "planted" in registry.names("workload")
    assert "planted" not in registry.shipped("workload")
    kind = registry.load("workload", "planted")
    assert kind.summary == "a job of your own: shop:fetch"
    assert (kind.needs, kind.one_execution, kind.Params()) == (frozenset(), True, kind.Params())
    assert kind(kind.Params(), Services(), 0).ideal_s == 0.05
    with pytest.raises(UsageError, match="Did you mean 'planted'"):
        registry.load("workload", "plantd")


@pytest.mark.parametrize(
    ("number", "reply", "fault"),
    [
        (0, {"n": 1, "date": "monday"}, None),
        (0, {"n": 1, "date": "tuesday"}, None),
        (0, {"n": 2, "date": "monday"}, "payload 0: the reply at n is 2, and the first one to it was 1"),
        (0, {"n": 1}, None),
        (0, {"n": object()}, "payload 0: the reply is not JSON: builtins.object is not JSON"),
        (1, {"n": 2}, None),
    ],
)
def test_replies_are_held_against_those_from_before_the_run(number: int, reply: Any, fault: str | None) -> None:
    """Where both sides gave one; fields that may differ are left out."""
    check = check_of(Agreement(own(ignore=["date"])), Job(coroutine=fetch))
    assert check(Numbered.of({"n": 1}, number), reply) == fault


def test_the_first_reply_to_another_payload_is_kept_for_the_other_trials(jobs: dict[str, OwnJob]) -> None:
    """And expected from then on, here and there."""
    agreement = Agreement(own(ignore=["date"]))
    assert agreement.fault(5, {"n": (1, 2), "date": "a"}) is None
    assert agreement.fault(5, {"n": [1, 2], "date": "b"}) is None
    assert str(agreement.fault(5, {"n": [1, 3]})).startswith("payload 5: the reply at n[1] is 3")
    assert agreement.kept == {5: {"n": [1, 2], "date": "a"}}
    registered.add(own(ignore=["date"]))
    assert learn("planted", agreement.kept, "asyncio:2") is None
    assert learn("planted", {5: {"n": [1, 2], "date": "z"}, 6: {"n": 1}}, "celery-solo:1") is None
    said = "payload 6: the reply at n is 2, and the first one to it was 1 (by celery-solo:1)"
    assert learn("planted", {6: {"n": 2}}, "asyncio:2") == said
    assert str(learn("planted", {0: {"n": 2}}, "asyncio:2")).endswith("(by both sides, before the run)")


def test_only_so_much_is_kept(jobs: dict[str, OwnJob]) -> None:
    """What is beyond is not looked at: it would cost the driver time that is measured."""
    agreement = Agreement(own())
    assert agreement.fault(7, "x" * KEPT_CHARACTERS) is None
    assert agreement.fault(8, "x") is None
    assert list(agreement.kept) == [7]


def test_a_reply_that_is_longer_than_a_report_may_be_is_held_within_its_trial_alone(jobs: dict[str, OwnJob]) -> None:
    """Else the trial would fail for it."""
    agreement = Agreement(own())
    reply = "x" * (REPLY_CHARACTERS + 1)
    assert agreement.fault(7, reply) is None
    assert agreement.fault(7, reply) is None
    assert agreement.fault(7, "y") is not None
    assert agreement.kept == {}


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (lambda payload, reply: None, None),
        (lambda payload, reply: reply == 1, None),
        (lambda payload, reply: reply == 2, "the check returned False"),
        (lambda payload, reply: "too small", "too small"),
        (lambda payload, reply: 1 / 0, r"the check failed: .*line [0-9]+: ZeroDivisionError"),
    ],
)
def test_a_check_of_the_job_says_what_is_wrong_in_any_way(check: Any, fault: str | None) -> None:
    """Nothing or True: it is right."""
    said = by_check(check, {}, 1)
    assert said is None if fault is None else said is not None and said.startswith(fault.partition(":")[0])


def test_an_assertion_is_what_is_wrong() -> None:
    """Its text, where it has one."""

    def check(payload: Any, reply: Any) -> None:
        assert reply == 2, "expected two"

    assert str(by_check(check, {}, 1)).startswith("expected two")


def test_each_driver_counts_payloads_from_nought(jobs: dict[str, OwnJob], monkeypatch: pytest.MonkeyPatch) -> None:
    """So does the request that is verified first."""
    registered.add(own())
    monkeypatch.setattr(
        workload, "job_payloads", lambda name: Payloads(Job(coroutine=fetch, payloads=str), ["n"], HERE)
    )
    made = registry.load("workload", "planted")(Params(), Services(), 0)
    numbers = (FIRST, 0, 3, first_number(1), first_number(2) + 5)
    assert [made.payload(number)["n"] for number in numbers] == ["0", "0", "3", "0", "5"]


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (JobSpec(given="", declared="/there/my_job.py"), "my_job"),
        (JobSpec(given="", declared="/there/my job.v2.py"), "my-job-v2"),
        (JobSpec(given="", declared="shop.jobs:FETCH"), "FETCH"),
        (JobSpec(given="", declared="shop.jobs:JOB"), "jobs"),
        (JobSpec(given="", declared="shop.jobs"), "jobs"),
        (JobSpec(given="", parts={"coroutine": "shop.client:Client.fetch"}), "fetch"),
        (JobSpec(given="", parts={"task": "shop.tasks:fetch_task"}), "fetch_task"),
    ],
)
def test_a_job_is_named_after_where_it_is(spec: JobSpec, name: str) -> None:
    """Unless it has a name of its own."""
    assert job_name(spec, Job(coroutine=fetch)) == name
    assert job_name(spec, Job(coroutine=fetch, name="own")) == "own"


def test_a_child_finds_the_jobs_that_are_handed_over(
    jobs: dict[str, OwnJob], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a file that only this user reads; its place is taken out of the environment, which the work sees."""
    assert registered.hand_over(tmp_path) == {}
    registered.add(own())
    ((variable, file),) = registered.hand_over(tmp_path).items()
    assert (tmp_path / "jobs.json").stat().st_mode & 0o077 == 0
    jobs.clear()
    monkeypatch.setenv(variable, file)
    found = registered.get("planted")
    assert (found.expected, found.facts) == (own().expected, own().facts)
    assert registered.hand_over(tmp_path) != {}

"""What a task of the user's own promises where no setting does."""

import pytest

from harness.contenders.contender import contender_of
from harness.jobs.spec import Facts, JobSpec, OwnJob
from harness.session.crashing.promised import expires_s_of, promise_of


def job(*, acks_late: bool) -> OwnJob:
    """Its task was looked at."""
    return OwnJob(spec=JobSpec(given="-w job.py"), facts=Facts(name="job", settings={"acks_late": acks_late}))


@pytest.mark.parametrize(
    ("contender", "settings", "late", "expected"),
    [
        ("celery-prefork", [], False, "at most once"),
        ("celery-prefork", [], True, "at least once"),
        ("celery-prefork", ["acks-late"], False, "at least once"),
        ("asyncio", [], True, "none"),
    ],
)
def test_a_task_that_is_acknowledged_late_promises_what_the_setting_does(
    contender: str, settings: list[str], late: bool, expected: str
) -> None:
    """The coroutine of the same job promises nothing by that."""
    assert promise_of(contender_of(contender, settings), job(acks_late=late)) == expected


def test_work_of_the_workbench_promises_what_the_contender_does() -> None:
    """It has no task of its own."""
    assert promise_of(contender_of("celery-prefork", []), None) == "at most once"


def test_a_message_expires_by_a_setting_or_by_what_the_task_says() -> None:
    """A scaled time is what it is in the run."""
    own = job(acks_late=True)
    own = OwnJob(spec=own.spec, facts=Facts(name="job", settings={"expires": 5}))
    assert expires_s_of(contender_of("celery-prefork", []), own) == 5.0
    assert expires_s_of(contender_of("celery-prefork", ["expires-30", "time-scale-10"]), None) == 3.0
    assert expires_s_of(contender_of("celery-prefork", []), job(acks_late=True)) is None
    assert expires_s_of(contender_of("asyncio", []), own) is None

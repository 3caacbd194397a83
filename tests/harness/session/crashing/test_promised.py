"""What a task of the user's own promises where no setting does."""

import pytest

from harness.contenders.contender import contender_of
from harness.jobs.spec import Facts, JobSpec, OwnJob
from harness.session.crashing.promised import promise_of


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

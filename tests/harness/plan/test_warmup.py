"""The least warm-up: a time or a number of requests, in plans and on the command line."""

import pytest

from harness.errors import UsageError
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.making import make_plan
from harness.plan.warmup import WITH_REQUESTS_S, WarmUp, warm_up


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2s", WarmUp(2.0)),
        ("250ms", WarmUp(0.25)),
        ("500", WarmUp(WITH_REQUESTS_S, 500)),
        (7, WarmUp(WITH_REQUESTS_S, 7)),
    ],
)
def test_a_time_or_a_number(text: str | int, expected: WarmUp) -> None:
    """A number needs no unit; in a plan it may be written as one."""
    assert warm_up(text, "here") == expected


@pytest.mark.parametrize("text", ["", "0", "0s", "-1", "5 requests", "1.5", 0, 10_000_000])
def test_what_is_neither_is_an_error(text: str | int) -> None:
    """With its place and what was given."""
    with pytest.raises(UsageError, match="here: expected a duration"):
        warm_up(text, "here")


def test_the_command_line_replaces_the_plans_warm_ups() -> None:
    """Those of views too."""
    plan = make_plan(Asked(plan="full", warmup="300"))
    assert {(cell.warmup_s, cell.warmup_requests) for cell in cells(plan, "here")} == {(WITH_REQUESTS_S, 300)}
    plan = make_plan(Asked(plan="full", warmup="3s"))
    assert {(cell.warmup_s, cell.warmup_requests) for cell in cells(plan, "here")} == {(3.0, 0)}


def test_a_bad_warm_up_is_an_error_of_the_option() -> None:
    """Before anything starts."""
    with pytest.raises(UsageError, match="--warmup"):
        make_plan(Asked(warmup="soon"))

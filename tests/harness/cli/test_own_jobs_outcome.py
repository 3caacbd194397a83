"""What trying a job came to, in a line."""

from harness.cli.own_jobs import outcome
from harness.jobs.spec import Called
from harness.plan.own_jobs import Compared


def test_payloads_for_which_both_sides_failed_are_no_equal_replies() -> None:
    """The first one is shown."""
    calls = [Called(number=0), Called(number=1, error="client.py, line 4: boom")]
    assert outcome(Compared(calls, calls, None)) == (
        "2 payloads tried before the run; both sides gave the same replies but for 1, which failed on both: "
        "payload 1: client.py, line 4: boom"
    )
    assert outcome(Compared(calls[:1], [], None)) == "1 payload tried before the run; every one replied"

"""A service that fails trial after trial ends the run; one that recovers does not."""

import pytest

from harness.errors import ServiceError
from harness.session.failures import MOST_IN_A_ROW, Failures


def test_a_service_that_fails_three_trials_in_a_row_ends_the_run() -> None:
    """Before the next trial that needs it, with its last reason; others go on."""
    failures = Failures()
    for number in range(MOST_IN_A_ROW):
        failures.check(["redis 0", "called"])
        failures.failed("redis 0", f"reason {number}.")
    failures.check(["called"])
    with pytest.raises(ServiceError, match=r"reason 2\. No more trials are run\."):
        failures.check(["called", "redis 0"])


def test_a_trial_that_was_measured_ends_the_row() -> None:
    """Of the services that it depends on, and of no others."""
    failures = Failures()
    for _ in range(MOST_IN_A_ROW - 1):
        failures.failed("redis 0", "reason.")
        failures.failed("called", "reason.")
    failures.served(["redis 0"])
    for service in ("redis 0", "called"):
        failures.failed(service, "reason.")
    failures.check(["redis 0"])
    with pytest.raises(ServiceError):
        failures.check(["called"])


def test_a_service_that_cannot_be_started_again_ends_the_run() -> None:
    """At once."""
    failures = Failures()
    failures.lost("redis 0", "no port is free.")
    with pytest.raises(ServiceError, match="no port is free"):
        failures.check(["redis 0"])

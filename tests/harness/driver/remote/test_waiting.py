"""Drivers that wait on a broker, by their answers."""

import pytest

from harness.driver.remote.waiting import WaitingDriver, described
from harness.errors import ServiceError

ANSWER = {"host": "far", "cpus": 2, "boot_id": "b", "runs": {"celery": "5.7.0", "tasks": ["noop"]}}


def test_a_driver_like_this_harness_is_taken() -> None:
    """By its name, and what it says of itself."""
    driver = described("driver-1@far", ANSWER, {"celery": "5.7.0", "tasks": ["noop"]})
    assert driver == WaitingDriver(name="driver-1@far", host="far", cpus=2, boot_id="b")


def test_one_that_runs_something_else_is_an_error_that_says_what() -> None:
    """It would measure something else."""
    with pytest.raises(
        ServiceError, match=r"driver-1@far differs from this harness: it has celery '5\.7\.0'\. Install"
    ):
        described("driver-1@far", ANSWER, {"celery": "5.7.1", "tasks": ["noop"]})

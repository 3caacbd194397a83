"""Drivers that wait on a broker, by their answers."""

import pytest

from harness.contenders.celery.fleet.members import members_of
from harness.driver.remote.waiting import checked
from harness.errors import ServiceError

HELD = {"run": "", "holder": "", "busy": 0, "instance": "i"}
ANSWER = {"host": "far", "cpus": 2, "boot_id": "b", "runs": {"celery": "5.7.0", "tasks": ["noop"]}, "held": HELD}


def test_a_driver_like_this_harness_is_taken() -> None:
    """By its name, and what it says of itself."""
    (member,) = members_of({"driver-1@far": ANSWER}).values()
    driver = checked(member, {"celery": "5.7.0", "tasks": ["noop"]})
    assert (driver.name, driver.host, driver.queue) == ("driver-1@far", "far", "driver:driver-1@far")


def test_one_that_runs_something_else_is_an_error_that_says_what() -> None:
    """It would measure something else."""
    (member,) = members_of({"driver-1@far": ANSWER}).values()
    with pytest.raises(
        ServiceError, match=r"driver-1@far differs from this harness: celery is '5\.7\.0' there and '5\.7\.1' here"
    ):
        checked(member, {"celery": "5.7.1", "tasks": ["noop"]})


def test_what_is_no_driver_is_an_error_with_its_name() -> None:
    """Whoever is on the broker can answer."""
    with pytest.raises(ServiceError, match="'x' answered on the broker, and is no worker or driver"):
        members_of({"x": {"host": "far", "cpus": -1}})

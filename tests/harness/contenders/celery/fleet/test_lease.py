"""The lease of a worker that waits: one run at a time, until that run is silent."""

import pytest

from harness.contenders.celery.fleet.lease import LEASE_S, RENEW_S, Lease


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.s


@pytest.fixture
def clock() -> Clock:
    """At some moment."""
    return Clock()


def test_one_run_has_it_until_it_gives_all_its_queues_back(clock: Clock) -> None:
    """Another run is refused, and learns who has it."""
    lease = Lease(clock)
    assert lease.take("a", "run a", "a:1")
    assert lease.take("a", "run a", "a:2")
    assert not lease.take("b", "run b", "b:1")
    assert (lease.run, lease.holder) == ("a", "run a")
    assert not lease.leave("b", "b:1")
    assert lease.leave("a", "a:1")
    assert not lease.take("b", "run b", "b:1")
    assert lease.leave("a", "a:2")
    assert lease.take("b", "run b", "b:1")
    assert (lease.is_for("a:1"), lease.is_for("b:1")) == (False, True)


def test_it_ends_when_its_run_is_silent_and_says_which_queues_nobody_owns(clock: Clock) -> None:
    """A run that renews it keeps it, also if two renewals are lost; ended within 15 s of the run's death."""
    lease = Lease(clock)
    lease.take("a", "run a", "a:1")
    clock.s += LEASE_S - 0.1
    assert lease.lapsed() == []
    lease.take("a", "run a", "a:1")
    clock.s += LEASE_S - 0.1
    assert lease.lapsed() == []
    clock.s += 0.2
    assert lease.lapsed() == ["a:1"]
    assert (lease.run, lease.lapsed()) == ("", [])
    assert lease.take("b", "run b", "b:1")
    assert 2 * RENEW_S < LEASE_S < 15


def test_a_driver_is_leased_without_a_queue(clock: Clock) -> None:
    """And given back."""
    lease = Lease(clock)
    assert lease.take("a", "run a")
    assert lease.run == "a"
    assert lease.leave("a")
    assert lease.run == ""


def test_one_that_has_ended_is_not_renewed_in_silence(clock: Clock) -> None:
    """The run that stood still for too long learns it; it may take it anew."""
    lease = Lease(clock)
    lease.take("a", "run a", "a:1")
    assert lease.take("a", "run a", "a:1", renew=True)
    clock.s += LEASE_S
    assert lease.lapsed() == ["a:1"]
    assert not lease.take("a", "run a", "a:1", renew=True)
    assert (lease.run, lease.is_for("a:1")) == ("", False)
    assert lease.take("a", "run a", "a:1")

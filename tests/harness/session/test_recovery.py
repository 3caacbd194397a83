"""Before each trial, what of the run's own no longer serves is started again; what is given fails the trial."""

import asyncio
from typing import Any, cast

import pytest

from harness.errors import ServiceError
from harness.plan.plan import CellPlan
from harness.session.boots import Boots
from harness.session.failures import MOST_IN_A_ROW
from harness.session.recovery import Recovery
from harness.session.serving import Fault, Serving
from tests.harness.session.doubles import BrokerDouble, WorkersDouble, plan_of

ENDED = Fault("the run's own Redis has ended", "redis 0", is_own=True)
GIVEN = Fault("the broker redis://h did not answer", "redis 0", is_own=False)


class BootsDouble:
    """Services with one broker; `fault`: what is the matter with them, until they are started afresh."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.fault_now: Fault | None = None
        self.workers_stay: str | None = None
        self.fails: Exception | None = None

    @property
    def services(self) -> Any:
        """These."""
        return self

    def serving(self, plan: CellPlan) -> Serving:
        """One broker."""
        return Serving({"redis 0": BrokerDouble()})

    async def fault(self, plan: CellPlan) -> Fault | None:
        """As given."""
        self.did.append("asked")
        return self.fault_now

    async def ensure(self, plan: CellPlan) -> Fault | None:
        """Note it."""
        self.did.append("workers ensured")
        return Fault(self.workers_stay) if self.workers_stay else None

    async def renew(self, reason: str) -> None:
        """All is well afterwards."""
        self.did.append(f"renewed: {reason}")
        if self.fails is not None:
            raise self.fails
        self.fault_now = None


class Recovering(Recovery):
    """Of such services."""

    def __init__(self) -> None:
        self.boots = BootsDouble()
        super().__init__(cast("Boots", self.boots))

    def begin(self) -> Fault | None:
        """A trial."""
        return asyncio.run(self.before(plan_of()))


def test_all_that_serve_cost_one_question() -> None:
    """Workers are looked after, too."""
    recovery = Recovering()
    assert recovery.begin() is None
    assert recovery.boots.did == ["asked", "workers ensured"]


def test_a_service_of_the_runs_own_is_started_again_and_costs_no_trial() -> None:
    """Whenever it was lost."""
    recovery = Recovering()
    recovery.boots.fault_now = ENDED
    assert recovery.begin() is None
    assert recovery.boots.did == ["asked", f"renewed: {ENDED.reason}", "workers ensured"]


def test_a_given_service_that_does_not_serve_fails_the_trial_at_once() -> None:
    """Nobody else can start it again; after three trials in a row, the run ends."""
    recovery = Recovering()
    recovery.boots.fault_now = GIVEN
    for _ in range(MOST_IN_A_ROW):
        recovery.check(plan_of())
        fault = recovery.begin()
        assert fault == GIVEN
        recovery.failed(fault)
    assert set(recovery.boots.did) == {"asked"}
    with pytest.raises(ServiceError, match="did not answer No more trials are run"):
        recovery.check(plan_of())


def test_a_trial_that_is_measured_between_two_faults_shows_that_the_service_serves() -> None:
    """Not three in a row."""
    recovery = Recovering()
    for _ in range(MOST_IN_A_ROW):
        recovery.failed(ENDED)
        recovery.served(plan_of())
    recovery.check(plan_of())


def test_workers_that_stay_dead_fail_the_trial_and_are_tried_again_for_the_next() -> None:
    """They are no service of three in a row."""
    recovery = Recovering()
    recovery.boots.workers_stay = "the worker has ended"
    for _ in range(MOST_IN_A_ROW + 1):
        recovery.check(plan_of())
        fault = recovery.begin()
        assert fault == Fault("the worker has ended")
        recovery.failed(fault)


@pytest.mark.parametrize("error", [ServiceError("no port"), ExceptionGroup("", [ServiceError("no port")])])
def test_what_cannot_be_started_again_fails_the_trial_and_ends_the_run(error: Exception) -> None:
    """With both reasons."""
    recovery = Recovering()
    recovery.boots.fault_now, recovery.boots.fails = ENDED, error
    fault = recovery.begin()
    assert fault is not None
    assert fault.reason == f"{ENDED.reason} It could not be started again: no port"
    with pytest.raises(ServiceError, match="No more trials are run"):
        recovery.check(plan_of())


def test_what_a_trial_that_went_wrong_has_left_is_removed_before_the_next_one() -> None:
    """Workers first; what lies on a broker that did not serve, once it does."""
    recovery, workers = Recovering(), WorkersDouble(did=[])
    workers.did = recovery.boots.did

    async def forget() -> None:
        recovery.boots.did.append("queue removed")

    recovery.left(workers, forget)
    recovery.boots.fault_now = GIVEN
    assert recovery.begin() == GIVEN
    recovery.boots.fault_now = None
    assert recovery.begin() is None
    assert recovery.boots.did[-4:] == ["workers stopped within 0 s", "asked", "queue removed", "workers ensured"]
    assert recovery.begin() is None
    assert recovery.boots.did[-2:] == ["asked", "workers ensured"]

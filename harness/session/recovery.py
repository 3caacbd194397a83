"""Has a trial begin with services that serve: those of the run's own are started again, whenever they were lost."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from harness.contenders.contender import Workers
from harness.errors import ServiceError
from harness.plan.plan import CellPlan
from harness.session.boots import Boots
from harness.session.failures import Failures
from harness.session.serving import Fault


class Left(NamedTuple):
    """What a trial that went wrong has left."""

    workers: Workers | None
    """In which its tasks may still wait or run."""
    forget: Callable[[], Awaitable[None]] | None
    """Removes what lies on its broker; None where that has been done."""


class Recovery:
    """Of one run. Each trial has one such try; that it fails is what the trial fails of."""

    def __init__(self, boots: Boots) -> None:
        self._boots = boots
        self._failures = Failures()
        self._left: list[Left] = []

    def check(self, plan: CellPlan) -> None:
        """Raise ServiceError if a trial of that cell can no longer succeed."""
        self._failures.check(self._services_of(plan))

    def left(self, workers: Workers | None, forget: Callable[[], Awaitable[None]] | None) -> None:
        """Have the next trial find new workers, and nothing of this one on its broker."""
        self._left.append(Left(workers, forget))

    async def before(self, plan: CellPlan) -> Fault | None:
        """Start again what of the run's own no longer serves; returns why a trial of that cell cannot be run.

        Raises ServiceError if workers cannot be started.
        """
        for left in self._left:
            if left.workers is not None:
                await left.workers.stop(0)
        fault = await self._boots.services.fault(plan)
        if fault is not None and fault.is_own:
            fault = await self._renewed(fault)
        if fault is not None:
            return fault
        while self._left:
            if (forget := self._left.pop().forget) is not None:
                await forget()
        return await self._boots.services.ensure(plan)

    async def _renewed(self, fault: Fault) -> Fault | None:
        """Start all services afresh; returns why they could not be."""
        try:
            await self._boots.renew(fault.reason)
        except ServiceError as error:
            return self._lost(fault, str(error))
        except ExceptionGroup as group:  # they are started together: the first error is enough
            return self._lost(fault, str(group.exceptions[0]))
        return None

    def _lost(self, fault: Fault, why: str) -> Fault:
        lost = fault._replace(reason=f"{fault.reason} It could not be started again: {why}")
        self._failures.lost(str(fault.service), lost.reason)
        return lost

    async def explained(self, plan: CellPlan) -> Fault | None:
        """What of the services no longer serves, after a trial of that cell has failed."""
        return await self._boots.services.fault(plan)

    def failed(self, fault: Fault | None) -> None:
        """Because of that, a trial has failed; None: because of no service."""
        if fault is not None and fault.service is not None:
            self._failures.failed(fault.service, fault.reason)

    def served(self, plan: CellPlan) -> None:
        """A trial of that cell was measured."""
        self._failures.served(self._services_of(plan))

    def _services_of(self, plan: CellPlan) -> list[str]:
        return self._boots.services.serving(plan).names()

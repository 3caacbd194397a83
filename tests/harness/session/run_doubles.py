"""Doubles of the parts of a run: its brokers, the services that both sides call, its workers, its cells."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.contenders.contender import Contender, WorkersPlace
from harness.contenders.fake import Fake
from harness.errors import ServiceError
from harness.plan.plan import CellPlan
from harness.services.run_brokers import RunBrokers
from harness.session.called import CalledServices
from harness.session.cells import RunCells
from harness.session.options import Options
from tests.harness.session.doubles import BrokerDouble, WorkersDouble


class BrokersDouble(RunBrokers):
    """Opens doubles; `without`: kinds that the run cannot have."""

    def __init__(self, did: list[str], *, own: bool = True, without: Sequence[str] = ()) -> None:
        super().__init__({}, None, external=False)
        self.did = did
        self.broker = BrokerDouble(did, own=own)
        self._without = without
        self.number = 1
        """How many there are of each kind: all of them the same one."""

    def missing(self, name: str) -> str | None:
        """As given."""
        return f"no {name} was given" if name in self._without else None

    async def open(self, names: Iterable[str], key_prefix: str, folder: Path) -> None:
        """The double, by each name."""
        self.did.append(f"brokers opened: {', '.join(sorted(names))}")
        self._open |= {name: [self.broker] * self.number for name in names}


class CalledDouble(CalledServices):
    """An origin that runs nowhere; `has_postgres`: whether there is a PostgreSQL."""

    def __init__(self, did: list[str], options: Options, *, has_postgres: bool = False) -> None:
        super().__init__(options, lambda name: Path(name))
        self.did = did
        self._has_postgres = has_postgres
        self.fails: ServiceError | None = None
        """With which no PostgreSQL starts."""

    async def open_postgres(self, needing: Sequence[CellPlan]) -> str | None:
        """Note it."""
        self.did.append(f"postgres opened for {', '.join(plan.id for plan in needing)}")
        if self.fails is not None:
            raise self.fails
        return None if self._has_postgres else "no PostgreSQL available"

    async def open_origin(self) -> None:
        """Note it."""
        self.did.append("origin opened")


class CeleryDouble(Fake):
    """A contender with workers of doubles and a broker."""

    side = "celery"  # type: ignore[assignment]  # the double is one of the other side
    needs_broker = True
    calls_services = True

    def __init__(self, did: list[str], slots: int | None = 4) -> None:
        super().__init__()
        self.made: list[WorkersDouble] = []
        self.asked: list[int | None] = []
        self._did = did
        self._workers_slots = slots

    def workers(self, slots: int | None, place: WorkersPlace) -> WorkersDouble:
        """Doubles, which are kept."""
        self.asked.append(slots)
        self.made.append(WorkersDouble(place, self._workers_slots, self._did))
        return self.made[-1]


class CellsDouble(RunCells):
    """Cells of the contenders that were given, by the name in the plan."""

    def __init__(self, plans: Iterable[CellPlan], **contenders: Contender) -> None:
        self._given = contenders
        super().__init__(plans)

    def contender(self, plan: CellPlan) -> Contender:
        """The given one, else the registry's."""
        return self._given.get(plan.contender) or super().contender(plan)

    def add(self, planned: Iterable[CellPlan]) -> list[CellPlan]:
        """Without a look into the registry for those that were given."""
        new = [plan for plan in planned if plan.id not in self._plans]
        self._plans |= {plan.id: plan for plan in new}
        self._contenders |= {plan.id: self._given.get(plan.contender) or Fake() for plan in new}
        return new

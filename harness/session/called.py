"""The services of a run that both sides call: the origin and PostgreSQL."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from harness import registry
from harness.machine.usage import Reading
from harness.plan.plan import CellPlan
from harness.services.calls import ask
from harness.services.causes import Peer
from harness.services.origin import Origin, open_origin
from harness.services.postgres import VARIABLE as POSTGRES_VARIABLE
from harness.services.postgres import Postgres, open_postgres
from harness.session.options import Options
from workloads.workload import Services

NO_POSTGRES = (
    "no PostgreSQL available: --postgres URL was not given, and there is no initdb on PATH, in /usr/lib/postgresql or "
    "in the wheel of the extra `postgres`"
)
NOT_GIVEN = "external workers need a PostgreSQL that they can reach: --postgres URL, and DATABASE_URL where they run"


class CalledService(Protocol):
    """A service that both sides call, as a trial sees it."""

    is_ours: bool
    """Whether it is the workbench's own: then its usage is read."""

    @property
    def peer(self) -> Peer:
        """How messages name it."""
        ...

    def reading(self, memory: bool) -> Reading | None:
        """Its usage now; it blocks, and raises what its library raises. None if it cannot be read."""
        ...

    @property
    def is_own(self) -> bool:
        """Whether the run started it, and can start it again."""
        ...

    def answer(self) -> None:
        """Return if it answers now; it blocks, and raises what its library raises."""
        ...

    def gone(self) -> str | None:
        """How it ended; None while it runs."""
        ...

    def stopped(self) -> str | None:
        """Which process of the run's own a signal has stopped; None if none, or where it is given."""
        ...


class CalledServices:
    """Opened once a boot where cells need them; `for_work` is what the work needs to know of them."""

    def __init__(self, options: Options, log: Callable[[str], Path]) -> None:
        """`log`: where a process of that name writes its log."""
        self.for_work = Services(
            origin_url=options.origin_url.reveal() if options.origin_url else None,
            origin_is_ours=options.origin_is_ours,
        )
        self.env: dict[str, str] = {}
        """What the work finds in its environment."""
        self._options = options
        self._log = log
        self._origins: dict[int | None, Origin] = {}
        self._postgres: Postgres | None = None

    @property
    def origin_shown(self) -> str | None:
        """The origin's URL for the results document."""
        origin = self._origins.get(None)
        url = origin.url if origin is not None else self._options.origin_url
        return url.shown if url is not None else None

    def without_postgres(self) -> str | None:
        """Why the run cannot open the service; None if it can."""
        return NOT_GIVEN if self._options.external and not self._options.postgres_url else None

    async def open_postgres(self, needing: Sequence[CellPlan]) -> str | None:
        """Open one with the tables of those cells' workloads; returns why there is none. Raises ServiceError."""
        self._postgres = await open_postgres(self._options.postgres_url or None, self._log("postgres"))
        if self._postgres is None:
            return NO_POSTGRES
        tables = {registry.load("workload", plan.workload).tables for plan in needing}
        await self._postgres.make("".join(sorted(tables)))
        self.for_work = msgspec.structs.replace(self.for_work, postgres_schema=self._postgres.schema)
        self.env[POSTGRES_VARIABLE] = self._postgres.url.reveal()
        return None

    async def connections_left(self) -> int | None:
        """How many more its PostgreSQL takes; None where there is none, or it does not say."""
        if self._postgres is None:
            return None
        return await ask(self._postgres.peer, self._postgres.connections_left)

    async def open_origin(self) -> None:
        """Open the given one, else one of the run's own; raises ServiceError."""
        options = self._options
        origin = await open_origin(
            options.origin_url,
            options.seed,
            self._log("origin"),
            options.origin_processes,
            ours=options.origin_url is not None and options.origin_is_ours,
        )
        self._origins[None] = origin
        self.for_work = msgspec.structs.replace(
            self.for_work, origin_url=origin.url.reveal(), origin_is_ours=origin.is_ours
        )

    async def open_further_origins(self, needing: Sequence[CellPlan]) -> None:
        """Open those with other numbers of processes that these cells call; raises ServiceError."""
        for number in sorted({plan.origin_processes for plan in needing} - {None, *self._origins}, key=str):
            log = self._log(f"origin-{number}")
            self._origins[number] = await open_origin(None, self._options.seed, log, number or 1)

    def services_of(self, plan: CellPlan) -> Services:
        """What the work of that cell needs to know."""
        origin = self._origins.get(plan.origin_processes)
        return (
            self.for_work if origin is None else msgspec.structs.replace(self.for_work, origin_url=origin.url.reveal())
        )

    async def check_effective(self, needing: Sequence[CellPlan]) -> None:
        """Raise ServiceError if the origin would use other parameters than those of the cells that call it."""
        origin = self._origins.get(None)
        if origin is None:
            return
        asked: list[dict[str, Any]] = []
        for plan in needing:
            params = {name: plan.params[name] for name in sorted(registry.load("workload", plan.workload).of_origin)}
            if params and params not in asked:
                asked.append(params)
        for params in asked:
            await origin.check_effective(params)

    def called_by(self, workload: str, origin_processes: int | None = None) -> CalledService | None:
        """The service that the work calls; None if it calls none."""
        needs = registry.load("workload", workload).needs
        if "postgres" in needs:
            return self._postgres
        return self._origins.get(origin_processes) if "origin" in needs else None

    def origins(self) -> list[Origin]:
        """Those that are to be stopped at the end."""
        return list(self._origins.values())

    async def stop_postgres(self, grace_s: float) -> None:
        """Once nobody is connected any more: one that grants no further connection would keep the run's schema."""
        if self._postgres is not None:
            await self._postgres.stop(grace_s)

    def opened(self) -> list[Origin | Postgres]:
        """All of them."""
        return [service for service in (*self._origins.values(), self._postgres) if service is not None]

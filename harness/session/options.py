"""The options of a run other than its plan."""

import msgspec

from harness.services.brokers.broker import RPC
from harness.services.url import Url


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Options of one run."""

    seed: int
    timeout_s: float
    command: str
    place: str = "the plan"
    """Where the plan was read, for what is wrong with its cells."""
    brokers: dict[str, list[Url]] = {}
    """Kind of broker → those to use, where any were given; several are shards. None: one of the run's own."""
    own_shards: int = 1
    """How many brokers of the run's own share the requests, where none was given."""
    result_backend: Url | None = None
    """What keeps the results of a broker that does not; None takes what suits."""
    origin_url: Url | None = None
    origin_recognised: bool = False
    """Whether the service given as origin says that it is the workbench's."""
    postgres_url: Url | None = None
    origin_processes: int = 1
    drivers: int = 1
    """Processes that make the load of a trial."""
    external: bool = False
    """Whether broker, origin and workers were started outside the run."""
    wait_s: float = 0.0
    """How long the run waits for workers and drivers that another run has leased."""
    workers_at_most: int | None = None
    """How many workers of a pool the run leases; None: all that wait."""
    repeats: int = 0
    """How often a trial that others disturbed is measured again."""
    at_most: int | None = None
    """How often the run may call the work altogether; None: without a bound."""
    stamps: bool = False
    """Whether the stamps of every request are kept."""

    sparing: bool = False
    """Whether the work gets no requests beyond those that are measured, and one before each trial."""

    @property
    def origin_is_ours(self) -> bool:
        """Whether the origin is the workbench's own, which may get more requests than those asked for."""
        return self.external or self.origin_url is None or self.origin_recognised

    @property
    def given_brokers(self) -> list[Url]:
        """Those that were given, with the result backend if it is one."""
        backend = [self.result_backend] if self.result_backend is not None and self.result_backend != RPC else []
        return [*(url for urls in self.brokers.values() for url in urls), *backend]

    @property
    def kept(self) -> list[str]:
        """What the run did not start, and does not start afresh either."""
        given = {
            "workers": self.external,
            "broker": any(self.brokers.values()),
            "origin": self.origin_url is not None,
            "postgres": self.postgres_url is not None,
            "driver": self.meeting is not None,
        }
        return [name for name, is_given in given.items() if is_given]

    @property
    def meeting(self) -> str | None:
        """Kind of the broker on which drivers elsewhere wait for the run: the first one given; None if none do."""
        return next(iter(self.brokers)) if self.external and self.drivers > 1 else None

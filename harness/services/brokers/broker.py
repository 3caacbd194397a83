"""The contract of a broker, and the choice of a run's brokers by their URLs."""

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

from harness import registry
from harness.errors import UsageError
from harness.machine.usage import Reading
from harness.results import model
from harness.services.calls import ask_blocking
from harness.services.causes import Peer
from harness.services.names import Name
from harness.services.servers.own import OwnServer
from harness.services.url import Url

DEFAULT = "redis"
"""The kind of broker of a contender if neither it nor the command line names one."""
KEEPER = "redis"
"""The kind of broker that can store the results of another kind."""
RPC = Url("rpc")
"""The result backend that sends each result as a message, to a queue of the client that asked."""
OWN = "own"
"""Scheme that stands for a broker of the run's own: its host is the kind."""
EXTERNAL_PREFIX = "workbench:"
"""Where workers wait for runs: they cannot know a run's own prefix before it is there."""


class BrokerPlace(NamedTuple):
    """What a client of a broker needs to know: where messages go, where results go, and how all of it is named."""

    url: Url
    backend: Url
    """The result backend: a Redis, or `rpc://`."""
    key_prefix: str = ""
    """Of all keys in Redis."""
    control: str = "celery"
    """Exchange of Celery's remote control."""


def as_text(place: BrokerPlace) -> dict[str, str]:
    """For a child's environment or its socket: with secrets."""
    return {**place._asdict(), "url": place.url.reveal(), "backend": place.backend.reveal()}


def place_of(fields: dict[str, str]) -> BrokerPlace:
    """What `as_text` gave."""
    url, backend = (Url.parse(fields[name], "the environment", RPC.shown) for name in ("url", "backend"))
    return BrokerPlace(url, backend, fields["key_prefix"], fields["control"])


class Left(NamedTuple):
    """Numbers of requests whose message is still in a broker."""

    ready: frozenset[int]
    """In the queue."""
    held: frozenset[int]
    """Taken from it, and not acknowledged."""


class Observed(NamedTuple):
    """What a broker says of one queue, and of what others do there."""

    commands: dict[str, int]
    """Commands that change it for all its clients, and how often it has executed each; no run executes them."""
    is_bound: bool
    """Whether messages to the queue find it."""
    waiting: int | None
    """Messages that wait in it; None where it does not say."""
    evicted: int = 0
    """Keys that it has dropped for want of memory since it started."""
    knows_held: bool = True
    """Whether those that a worker has taken and not begun are among them."""
    refused: int = 0
    """Connections that it has refused for want of room since it started."""


class BrokerService(Protocol):
    """A broker that answers. What is no coroutine blocks, and raises what its library raises: ask it by `calls.ask`."""

    @property
    def place(self) -> BrokerPlace:
        """How clients connect to it."""
        ...

    @property
    def socket_place(self) -> BrokerPlace | None:
        """The same by a Unix socket; None if it has none."""
        ...

    @property
    def peer(self) -> Peer:
        """How messages name it."""
        ...

    def describe(self) -> model.BrokerDescription:
        """Its description in the results document."""
        ...

    @property
    def identity(self) -> str:
        """Which queues these are, by whatever URL they are reached; others may be called alike (see `are_one`)."""
        ...

    def reading(self) -> Reading:
        """Usage since it started, including that of the result backend."""
        ...

    def readings(self) -> dict[str, Reading]:
        """The same apart, by server: several brokers may have one in common, as databases or virtual hosts have."""
        ...

    @property
    def is_own(self) -> bool:
        """Whether the run started it, and can start it again."""
        ...

    def answer(self) -> None:
        """Return if it, and what keeps its results, answers now."""
        ...

    def note(self, queues: Iterable[str]) -> None:
        """Say which queues this run has there, for whoever comes next if it is killed. It blocks."""
        ...

    def forget_results(self, trial: int, unclean: bool) -> None:
        """Delete the results of a trial's tasks that its driver has not; `unclean`: there may be any number."""
        ...

    def waiting(self, queue: str) -> int:
        """How many messages wait in a queue of this run."""
        ...

    def remove_queue(self, name: str) -> None:
        """Delete a queue of this run, with what lies in it."""
        ...

    def left(self, queue: str, trial: int) -> Left:
        """What is still there of a trial's requests, once nothing moves. It blocks."""
        ...

    def clear(self, queue: str, trial: int) -> None:
        """Remove what is still there of them; workers go on to use the queue. It blocks."""
        ...

    @property
    def server(self) -> OwnServer | None:
        """The server that the run started, which a fault may strike; None where it is not ours."""
        ...

    def observed(self, queue: str) -> Observed:
        """What it says of a queue of this run, and of what others do there."""
        ...

    def gone(self) -> str | None:
        """How the run's own server ended; None while it runs, or where it is not ours."""
        ...

    def stopped(self) -> str | None:
        """Which process of the run's own server a signal has stopped; None if none, or where it is not ours."""
        ...

    async def close(self, grace_s: float) -> None:
        """Remove what this run left in a given broker, unless other runs share it; stop one that the run started."""
        ...


class BrokerKind(Protocol):
    """A kind of broker: the file's name is its name."""

    def peer_of(self, url: Url) -> Peer:
        """The broker at a URL, as messages name it."""
        ...

    schemes: ClassVar[tuple[str, ...]]
    """Of its URLs."""
    example: ClassVar[str]
    names_are_shared: ClassVar[bool]
    """Whether queues of the same name of two runs are one; not if they lie below a prefix of each run."""

    def cannot_start(self) -> str | None:
        """Why its cells are left out where none was given: no server is installed; None if the run starts its own."""
        ...

    def left_behind(self, url: Url, *, remove: bool) -> list[str]:
        """Names of what killed runs left there; removed too, where asked for. It blocks, and raises as its library."""
        ...

    def forget_waiting(self, url: Url, there: Iterable[str]) -> list[str]:
        """Remove what is left of workers and drivers that waited there, but for these; returns the names. It blocks."""
        ...

    def canonical(self, url: Url, where: str) -> Url:
        """The URL in the one spelling that libraries take; raises UsageError for what no broker of this kind has."""
        ...

    def try_out(self, url: Url, key_prefix: str = EXTERNAL_PREFIX) -> dict[str, Any]:
        """What a usable one says of itself, tried below `key_prefix`; it raises as its library, or ServiceError."""
        ...

    def name(self, url: Url, name: str) -> Name:
        """The name of a worker or a driver that waits there, for one process to take."""
        ...

    def are_one(self, one: BrokerService, other: BrokerService) -> bool:
        """Whether two brokers of this kind have their queues in common. It blocks, and raises as its library."""
        ...

    def remove_queues(self, url: Url, control: str, queues: list[str]) -> None:
        """Remove what a killed run has noted that it made there. It blocks, and raises as its library."""
        ...

    async def open(
        self,
        url: Url | None,
        key_prefix: str,
        folder: Path,
        *,
        shared: bool = False,
        results: BrokerService | None = None,
    ) -> BrokerService:
        """The broker at `url`, else one of the run's own; raises ServiceError in time if there is neither.

        `key_prefix`: of all that this run makes there. `shared`: others make things below it too. `results`: what
        keeps the results of a broker that does not do so itself; None: the results are messages.
        """
        ...


def kind(name: str) -> BrokerKind:
    """By its name."""
    broker_kind: BrokerKind = registry.load("broker", name)
    return broker_kind


def broker_url(text: str, option: str = "--broker") -> Url:
    """The URL of a broker, as given by that option; raises UsageError for what no broker has."""
    url = Url.parse(text, option, kind(DEFAULT).example)
    return kind(_kind_by_scheme(url, option)).canonical(url, option)


def run_broker_url(text: str, option: str = "--broker") -> Url:
    """The same for a run, which can also start one of its own: of the kind of that name."""
    return Url(OWN, text) if text in registry.names("broker") else broker_url(text, option)


def is_own(url: Url) -> bool:
    """Whether that stands for a broker of the run's own."""
    return url.scheme == OWN


def backend_url(text: str, option: str = "--result-backend") -> Url:
    """The URL of a result backend; raises UsageError."""
    expected = f"{kind(KEEPER).example} or {RPC}"
    url = Url.parse(text, option, expected)
    if url == RPC:
        return url
    if url.scheme not in kind(KEEPER).schemes:
        raise UsageError(f"{option} {url}: expected {expected}.")
    return kind(KEEPER).canonical(url, option)


def kind_of(url: Url) -> str:
    """Name of the kind of broker that a URL leads to, or stands for; raises UsageError if it leads to none."""
    return url.host if is_own(url) else _kind_by_scheme(url, "--broker")


def _kind_by_scheme(url: Url, option: str) -> str:
    kinds = {name: kind(name) for name in registry.names("broker")}
    for name, broker_kind in kinds.items():
        if url.scheme in broker_kind.schemes:
            return name
    expected = " or ".join(f"{each.example} ({', '.join(each.schemes)})" for each in kinds.values())
    raise UsageError(f"{option} {url}: expected a URL such as {expected}.")


def kinds_of(place: BrokerPlace) -> tuple[str, str]:
    """Names of the kinds of its broker and of its result backend: what may travel in a message, unlike a URL."""
    return kind_of(place.url), RPC.scheme if place.backend == RPC else kind_of(place.backend)


def peer_of(url: Url) -> Peer:
    """The broker at a URL, of whichever kind, as messages name it."""
    return kind(kind_of(url)).peer_of(url)


def left_on(url: Url, *, remove: bool) -> list[str]:
    """What killed runs left on a broker, by name; removed too, where asked for. It blocks; raises ServiceError."""
    broker_kind = kind(kind_of(url))
    return ask_blocking(broker_kind.peer_of(url), functools.partial(broker_kind.left_behind, url, remove=remove))


def check_broker(url: Url) -> None:
    """Raise ServiceError where no usable broker answers at it; blocks."""
    broker_kind = kind(kind_of(url))
    ask_blocking(broker_kind.peer_of(url), broker_kind.try_out, url)

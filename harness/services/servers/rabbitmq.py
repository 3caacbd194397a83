"""A RabbitMQ server that is found, started and stopped by the run."""

import asyncio
import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psutil

from harness.errors import ServiceError
from harness.machine.cores import cpus
from harness.machine.deadline import in_time
from harness.machine.halted import halt_of
from harness.machine.processes import how_it_ended, last_lines, spawn, stop_tree
from harness.machine.threads import in_thread
from harness.machine.usage import Reading, read_tree
from harness.services.calls import ask
from harness.services.rabbit_client import peer_of, properties_of
from harness.services.servers.ports import CONNECT_LIMIT_S, free_port
from harness.services.url import Url

SERVER = "rabbitmq-server"
DEBIAN = Path("/usr/lib/rabbitmq/bin", SERVER)
"""The one on Debian's PATH runs as a user of its own, who cannot enter a run's folder."""
USER = "workbench"
START_LIMIT_S = 90.0
"""It takes 6 s of CPU; with twenty others that compute on two cores, 45 s were too short."""
EPMD_LIMIT_S = 5.0
LOOK_S = 0.05
PORT_TRIES = 3
OTHERS_SETTINGS = ("RABBITMQ_", "ERL_")
"""How variables begin that are meant for a user's own servers."""
CONFIG = """\
listeners.tcp.own = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
log.console.level = warning
"""
LOOPBACK_ALONE = "-kernel inet_dist_use_interface {127,0,0,1}"


class Binaries(NamedTuple):
    """What is installed here."""

    server: Path
    epmd: str
    """Erlang's register of the nodes of a machine."""


def find_binaries() -> Binaries | None:
    """In Debian's place, or on PATH; None if there is no server, or no Erlang for it."""
    epmd, on_path = shutil.which("epmd"), shutil.which(SERVER)
    server = DEBIAN if os.access(DEBIAN, os.X_OK) else on_path
    return Binaries(Path(server), epmd) if server is not None and epmd is not None else None


def no_server(example: str) -> str:
    """Why none can be started, and what to do; `example`: the URL of a running one."""
    return (
        f"no RabbitMQ available: there is no {SERVER} in {DEBIAN.parent} or on PATH, or no Erlang. Install it (on "
        f"Debian: apt-get install {SERVER}; its system service is not needed), or use a running one: --broker {example}"
    )


class OwnRabbit:
    """A RabbitMQ on a free loopback port, without plugins, whose data goes away with it.

    Its Erlang node registers with an epmd of the run's own: the usual one would be started by it, and stay for ever.
    """

    def __init__(self, binaries: Binaries, folder: Path) -> None:
        self._binaries = binaries
        self._folder = folder / "rabbitmq"
        self._log = folder / "rabbitmq.log"
        self._register: asyncio.subprocess.Process | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._ports: dict[str, int] = {}
        self._password = secrets.token_hex(16)
        self.url = Url("amqp", "127.0.0.1", path="//")
        self.said: dict[str, Any] = {}
        """What it says of itself."""

    async def start(self) -> None:
        """Start it and wait until it answers; other ports are tried where some process was faster."""
        self._folder.mkdir(mode=0o700)
        cookie = self._folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16), "ascii")
        cookie.chmod(0o400)
        deadline = time.monotonic() + START_LIMIT_S
        for _ in range(PORT_TRIES):
            await self.stop_register()
            self._ports = {name: free_port() for name in ("amqp", "node", "epmd")}
            self.url = Url("amqp", "127.0.0.1", self._ports["amqp"], "//", user=USER, password=self._password)
            self._configure()
            if await self._registering() and await self._spawned(deadline):
                return
        raise ServiceError(f"{self._binaries.server} did not start; its last lines:\n{last_lines(self._log)}")

    def _configure(self) -> None:
        config = CONFIG.format(port=self._ports["amqp"], user=USER, password=self._password)
        (self._folder / "rabbitmq.conf").write_text(config, "utf-8")
        (self._folder / "enabled_plugins").write_text("[].\n", "ascii")

    async def _registering(self) -> bool:
        """Whether an epmd at that port takes connections."""
        port = self._ports["epmd"]
        argv = [self._binaries.epmd, "-address", "127.0.0.1", "-port", str(port)]
        self._register = await spawn(argv, env=self.environment(self._ports), log=self._log)
        deadline = time.monotonic() + EPMD_LIMIT_S
        while time.monotonic() < deadline and self._register.returncode is None:
            with contextlib.suppress(OSError, TimeoutError):  # it is not there yet
                _, writer = await in_time(CONNECT_LIMIT_S, asyncio.open_connection("127.0.0.1", port))
                writer.close()
                return True
            await asyncio.sleep(LOOK_S)
        return False

    def environment(self, ports: Mapping[str, int]) -> dict[str, str]:
        """All places are in its folder, all ports its own; a user's own settings are none of its."""
        folder = self._folder
        return {name: "" for name in os.environ if name.startswith(OTHERS_SETTINGS)} | {
            "HOME": str(folder),  # the cookie
            "ERL_EPMD_PORT": str(ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            # Of every VM, also of the one that the server starts so that there is an epmd: it would stay for ever.
            "ERL_AFLAGS": "-start_epmd false",
            "ERL_CRASH_DUMP_SECONDS": "0",  # none, in whichever folder the run was started
            "RABBITMQ_NODENAME": "workbench@localhost",
            "RABBITMQ_DIST_PORT": str(ports["node"]),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_LOGS": "-",
            # The script then becomes the server: as its child, that would outlive a script that is killed.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-noinput {LOOPBACK_ALONE}",
        }

    async def _spawned(self, deadline: float) -> bool:
        """Whether it answers in time: no other server at that address knows its password."""
        self._process = await spawn([str(self._binaries.server)], env=self.environment(self._ports), log=self._log)
        while time.monotonic() < deadline and self._process.returncode is None:
            with contextlib.suppress(ServiceError):  # it is not there yet
                left_s = max(LOOK_S, deadline - time.monotonic())
                self.said = await ask(peer_of(self.url), properties_of, self.url, limit_s=left_s)
                return True
            await asyncio.sleep(LOOK_S)
        await stop_tree(self._process, 0)
        return False

    @property
    def pid(self) -> int:
        """Of its process; raises ServiceError if it never started."""
        if self._process is None:
            raise ServiceError("the run's own RabbitMQ never started")
        return self._process.pid

    async def persist(self, *, on: bool) -> None:
        """Nothing: it has durable queues and persistent messages on disk, whether it is asked or not."""

    async def again(self) -> None:
        """Start it at the same address, with what is on its disk; raises ServiceError."""
        if self._process is not None:
            await self._process.wait()
        registered = self._registered() or await self._registering()
        if not registered or not await self._spawned(time.monotonic() + START_LIMIT_S):
            raise ServiceError(f"{self._binaries.server} did not start again; its last lines:\n{last_lines(self._log)}")

    def reading(self) -> Reading:
        """Usage of its processes since it started, as the kernel counts it. It blocks."""
        read = read_tree(self.pid, memory=True)
        # It has a thread for each core; of the busiest process, a share of one core is looked at.
        share_s = read.cpu_s / cpus()
        return msgspec.structs.replace(read, main_cpu_s=read.cpu_s, cpu_each={"rabbitmq": share_s})

    def gone(self) -> str | None:
        """How it ended, or its epmd; None while both run."""
        ended = how_it_ended(self._process) if self._process else "never started"
        if ended is None and self._register is not None and (of_epmd := how_it_ended(self._register)) is not None:
            ended = f"its epmd: {of_epmd}"
        return ended and f"the run's own RabbitMQ has ended ({ended}); its last lines:\n{last_lines(self._log)}"

    def stopped(self) -> str | None:
        """That a signal has stopped it; None else."""
        return halt_of(self._process.pid, "the run's own RabbitMQ") if self._process is not None else None

    async def stop(self) -> None:
        """End it at once, because nobody will read what it would still write; remove its data."""
        if self._process is not None:
            await stop_tree(self._process, 0)
        await self.stop_register()
        await in_thread(_end_at_home, self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _registered(self) -> bool:
        """Whether its epmd runs."""
        return self._register is not None and self._register.returncode is None

    async def stop_register(self) -> None:
        """End its epmd."""
        if self._register is not None:
            await stop_tree(self._register, 0)


def _end_at_home(folder: Path) -> None:
    """SIGKILL to all that have that folder as their home: what was being started when the server was killed."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or is another user's
            if process.environ().get("HOME") == str(folder):
                process.kill()

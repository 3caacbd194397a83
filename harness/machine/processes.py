"""Starts and stops child processes: each ends with this one, and is stopped with its whole tree."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

import psutil

from harness.errors import WROTE_NOTHING, ServiceError
from harness.logs import exception_in
from harness.machine.deadline import in_time
from harness.machine.limits import KernelKills, exhausted

CELERYS_OWN = ("BROKER_URL", "RESULT_BACKEND", "LOADER", "CONFIG_MODULE")
CELERYS_PREFIX = "CELERY_"
FOR_OURSELVES = ("PYTHONWARNINGS", "PYTHONINSPECT", "PYTHONSTARTUP")
"""Variables that are meant for the user's own Python."""
GUARD = str(Path(__file__).with_name("guard.py"))
FORKED_ON_MACOS = "OBJC_DISABLE_INITIALIZE_FORK_SAFETY"
"""There, a forked process would else be ended by libraries that its parent had loaded."""
TAIL_LINES = 15
ERROR_CHARACTERS = 200
MARK = "WORKBENCH_MARK"
"""Variable by which processes are known that have left the tree of the one that started them."""
_kills: WeakKeyDictionary[asyncio.subprocess.Process, KernelKills] = WeakKeyDictionary()
"""For each child, what the kernel had killed before it was started."""
COMMAND_CHARACTERS = 120


def is_celerys(variable: str) -> bool:
    """Whether Celery takes this variable of the environment for a setting, before what an application sets."""
    return variable in CELERYS_OWN or variable.startswith(CELERYS_PREFIX)


def environment(added: Mapping[str, str]) -> dict[str, str]:
    """This process's environment and what is added, for a child.

    Without what would lead it to another broker, or change how its Python works.
    """
    kept = {key: value for key, value in os.environ.items() if not is_celerys(key) and key not in FOR_OURSELVES}
    if sys.platform == "darwin":
        kept.setdefault(FORKED_ON_MACOS, "YES")
    return kept | dict(added)


def python(*arguments: str) -> list[str]:
    """The command line of this Python, which takes no module from the current directory (`-P`)."""
    return [sys.executable, "-P", *arguments]


async def spawn(
    argv: list[str],
    *,
    pass_fds: tuple[int, ...] = (),
    env: dict[str, str] | None = None,
    stdout: int | None = None,
    log: Path | None = None,
) -> asyncio.subprocess.Process:
    """Start `argv` so that it dies with this process, in its own session (so that Ctrl-C does not reach it).

    `env` is added to the environment; output goes to `log`, or nowhere.
    """
    with _refusals_named(), contextlib.ExitStack() as stack:
        sink: int = asyncio.subprocess.DEVNULL
        if log is not None:
            sink = stack.enter_context(log.open("ab")).fileno()
        kills = KernelKills()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", GUARD, str(os.getpid()), *argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sink if stdout is None else stdout,
            stderr=sink,
            env=environment({"PYTHONUNBUFFERED": "1"} | (env or {})),
            pass_fds=pass_fds,
            start_new_session=True,
        )
    _kills[process] = kills
    return process


@contextlib.contextmanager
def _refusals_named() -> Iterator[None]:
    """Raise ServiceError where this machine starts no further process."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if (reason := exhausted(error)) is None:
            raise
        raise ServiceError(reason) from error


async def stop_tree(process: asyncio.subprocess.Process, grace_s: float) -> None:
    """SIGTERM, then after `grace_s` SIGKILL for what is left of the tree; returns when it is gone."""
    tree = _tree(process.pid) if process.returncode is None else []  # else its id may be another process's by now
    if process.returncode is None and grace_s > 0:
        send(process, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):  # killed below
            await in_time(grace_s, process.wait())
    for member in tree:
        with contextlib.suppress(psutil.Error):  # it has ended
            member.kill()  # psutil compares start times, so a reused process id is not hit
    await process.wait()


def end_marked(mark: str) -> None:
    """SIGKILL for every process with that mark in its environment, whoever its parent is by now."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or is another user's
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                process.kill()


def send(process: asyncio.subprocess.Process, number: int) -> None:
    """Send a signal to a process, unless it has ended.

    That of asyncio looks whether it has, and so takes the exit status for which asyncio itself waits.
    """
    if process.returncode is None:
        with contextlib.suppress(psutil.Error):  # it has just ended
            psutil.Process(process.pid).send_signal(number)


def command_of(pid: int) -> str:
    """What a process runs, short enough for a message."""
    try:
        first, *rest = psutil.Process(pid).cmdline() or [""]
    except psutil.Error:
        return "which has ended"
    return " ".join([Path(first).name, *rest])[:COMMAND_CHARACTERS]


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def how_it_ended(process: asyncio.subprocess.Process) -> str | None:
    """In words; None while it runs."""
    if process.returncode is None:
        return None
    killed = process.returncode == -signal.SIGKILL and process in _kills
    return ending(process.returncode) + (_kills[process].why() if killed else "")


def ending(code: int) -> str:
    """A process's return code in words; a negative one is a signal's number."""
    if code >= 0:
        return f"exit status {code}"
    names = {number.value: number.name for number in signal.Signals}
    return f"killed by {names.get(-code, f'signal {-code}')}"  # those for real-time use have no names


def last_error(log: Path, ended: str = "") -> str:
    """The exception that may be why a process has ended so, as `: TYPE: text`; empty where its log has none."""
    try:
        lines = log.read_text("utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    except OSError:
        return ""
    if not (last := exception_in(ended, lines)):
        return ""
    by_memory = " (shared memory, /dev/shm)" if any("SemLock" in line for line in lines) else ""
    return f": {last[:ERROR_CHARACTERS]}{by_memory}"


def last_lines(log: Path, since: int = 0) -> str:
    """What a process wrote last, after that byte, indented for an error message."""
    try:
        lines = log.read_bytes()[since:].decode("utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    except OSError:
        lines = []
    return "\n".join(f"    {line}" for line in lines) or f"    {WROTE_NOTHING}"

"""Fork servers: each imports what its drivers need once, then forks a fresh driver for every trial.

A driver's imports take half a second of CPU, which must not fall into another trial. There is one fork server
a side, so that an asyncio driver does not carry Celery's modules in its memory.
"""

import array
import asyncio
import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness.contenders.sides.declaration import prepare
from harness.driver.messages import Link, Message, Running, TrialSpec, decode, encode
from harness.errors import WorkbenchError
from harness.machine.deadline import in_time
from harness.machine.garbage import seldom_collected
from harness.machine.guard import die_with_parent
from harness.machine.halted import halted
from harness.machine.limits import KernelKills
from harness.machine.processes import command_of, ending, last_error, python, spawn, stop_tree
from harness.machine.threads import in_thread

if TYPE_CHECKING:  # in a driver, whose memory is measured, numpy would take 10 MB
    from harness.recording.fold_terms import FoldTerms
    from harness.recording.folded import Folded

TRIAL = b"trial"
"""What the fork server is sent, with the descriptors of a driver's socket and of the file that is its trial."""
KILL_LIMIT_S = 5.0
FAILED = 70
"""Exit status of a driver that could not begin; why is in the log."""
FAILS = (OSError, RuntimeError, TypeError, ValueError, WorkbenchError)


class DriverProcess:
    """One driver of a fork server, as the session sees it."""

    lead_s = 0.01
    """How long before the load starts drivers are sent its moment."""
    at = None
    """On this machine."""
    wall_apart_s = 0.0

    def __init__(self, link: Link, server: "ForkServer", control: socket.socket, spec: TrialSpec) -> None:
        self._link = link
        self._spec = spec
        self._server = server
        self._control = control
        self.pid: int | None = None
        self._to_be_killed = False
        self._kills = KernelKills()

    def send(self, message: Message) -> None:
        """Queue a message to the driver."""
        self._link.send(message)

    async def receive(self) -> Message | None:
        """The driver's next message; None when it has ended."""
        message = await self._link.receive()
        if isinstance(message, Running):
            self.pid = message.pid
            if self._to_be_killed:
                self.signal(signal.SIGKILL)
            return await self.receive()
        return message

    async def folded(self, terms: "FoldTerms", issued: int, *, rows: bool) -> "Folded":
        """What it has spooled, folded in this process: that of the driver would have to import numpy for it."""
        from harness.recording.fold import fold_spool

        return await in_thread(fold_spool, Path(self._spec.spool), terms, issued, self._spec.driver)

    def kill(self) -> None:
        """End it at once, or as soon as it says which process it is; harmless when it has ended."""
        self._to_be_killed = True
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send it a signal; harmless when it has ended."""
        if self.pid is not None and not self._server.idle:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(self.pid, number)

    def stopped(self) -> str | None:
        """What a signal has stopped: it, a process below it, or the fork server before it runs; None if none."""
        if self._server.idle:
            return None
        if self.pid is None:
            return self._server.stopped()
        pids = halted(self.pid)
        if not pids or self.pid in pids:
            return "the driver" if pids else None
        return f"process {pids[0]} of the driver ({command_of(pids[0])})"

    async def ended(self) -> str | None:
        """Wait until it has ended; None if that was in order, else how it ended."""
        try:
            code = await in_time(KILL_LIMIT_S, self._last_word())
        except TimeoutError:
            who = self._server.stopped()
            await self._server.stop(0)  # its driver ends with it
            return f"{who or 'the fork server'} did not report the driver's end within {KILL_LIMIT_S:g} s"
        finally:
            await self._link.close()
        if code is None:
            return await self._server.ended()
        if code == 0:
            return None
        if code < 0:
            return f"the driver was {ending(code)}{self._kills.why()}"
        return f"the driver exited with {code}{self._server.last_error() if code == FAILED else ''}"

    async def _last_word(self) -> int | None:
        """Its exit code; one that is to be killed, and has not begun, is killed as soon as it does."""
        if self._to_be_killed and self.pid is None:
            await self.receive()
        return await self._exit_code()

    async def _exit_code(self) -> int | None:
        """The driver's exit code, as the fork server reports it; negative for a signal's number.

        None if the fork server has ended, and its driver with it.
        """
        report = b""
        with contextlib.suppress(ConnectionError):  # it has ended with something unread
            report = await asyncio.get_running_loop().sock_recv(self._control, 64)
        self._server.idle = True
        return int(report) if report else None


class _Child(NamedTuple):
    """The fork server's process, and the socket over which it is given trials and reports exit codes."""

    process: asyncio.subprocess.Process
    control: socket.socket


class ForkServer:
    """The session's handle on one fork server; it runs one driver at a time."""

    def __init__(self, modules: list[str], log: Path | None = None, env: dict[str, str] | None = None) -> None:
        """`env`: what the work finds in its environment."""
        self._modules = modules
        self._env = env
        self._log = log
        self._child: _Child | None = None
        self.idle = True

    async def start(self) -> None:
        """Start it; it imports while others boot."""
        self._child = await self._spawn()

    async def _spawn(self) -> _Child:
        ours, theirs = socket.socketpair()
        with theirs:
            argv = python("-m", "harness.driver.fork_server", str(theirs.fileno()), *self._modules)
            process = await spawn(argv, env=self._env, pass_fds=(theirs.fileno(),), log=self._log)
        ours.setblocking(False)
        return _Child(process, ours)

    async def fork(self, spec: TrialSpec) -> DriverProcess:
        """Have it fork a driver for `spec`; starts the fork server again if it has died, or a signal has stopped it."""
        child = self._child
        if child is None or child.process.returncode is not None or self.stopped() is not None:
            child = await self._again()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                _hand_over(child.control, spec, theirs)
            except ConnectionError:  # it has just died
                child = await self._again()
                _hand_over(child.control, spec, theirs)
        self.idle = False
        return DriverProcess(await Link.over(ours), self, child.control, spec)

    async def _again(self) -> _Child:
        """Another process, after the one that has gone."""
        await self.stop(0)
        self._child = await self._spawn()
        return self._child

    def last_error(self) -> str:
        """The exception that its driver has written last, as `: TYPE: text`; empty where there is none."""
        return last_error(self._log) if self._log is not None else ""

    def stopped(self) -> str | None:
        """Its name in a message, if a signal has stopped it; else None."""
        pid = self._child.process.pid if self._child is not None else None
        return "the fork server" if pid is not None and pid in halted(pid) else None

    async def ended(self) -> str:
        """How it has ended, once its process has."""
        if self._child is None:
            return "the fork server never started"
        return f"the fork server of the driver has ended ({ending(await self._child.process.wait())})"

    async def stop(self, grace_s: float) -> None:
        """End it, with the driver that it may be running."""
        if self._child is not None:
            self._child.control.close()
            await stop_tree(self._child.process, grace_s)


def _hand_over(control: socket.socket, spec: TrialSpec, theirs: socket.socket) -> None:
    """Give a trial to a fork server, with its end of the socket to the session.

    The trial is a file: recorded arrivals are longer than the kernel takes a message.
    """
    with tempfile.TemporaryFile() as file:
        file.write(encode(spec))
        file.flush()
        descriptors = array.array("i", [theirs.fileno(), file.fileno()])
        control.sendmsg([TRIAL], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])


def _serve(control: socket.socket) -> None:
    """Fork a driver for every spec that comes, one after the other, until the session is gone."""
    while True:
        data, fds, _flags, _address = socket.recv_fds(control, len(TRIAL), 2)
        if not data:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            os._exit(_drive(*fds))
        for descriptor in fds:
            os.close(descriptor)
        _, status = os.waitpid(pid, 0)
        control.send(str(os.waitstatus_to_exitcode(status)).encode())


def _drive(fd: int, file: int) -> int:
    """In the forked driver: run the trial in that file."""
    from harness.driver import driver

    die_with_parent(os.getppid())
    os.dup(fd)  # the session sees its end once this process has ended, and so how it has
    try:
        with os.fdopen(file, "rb") as given:
            given.seek(0)
            spec = decode(given.read())
        if isinstance(spec, TrialSpec):
            driver.main(socket.socket(fileno=fd), spec)
    except FAILS:  # before it could begin: while it runs, it reports what is raised
        traceback.print_exc()
        return FAILED
    return 0


def main() -> None:
    """`python -m harness.driver.fork_server FD SOURCE…` (see `harness.contenders.sides.declaration.source`)."""
    control = socket.socket(fileno=int(sys.argv[1]))
    with seldom_collected():
        importlib.import_module("harness.driver.driver")
        for source in sys.argv[2:]:
            prepare(source)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    _serve(control)


if __name__ == "__main__":
    main()

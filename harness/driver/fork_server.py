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
from pathlib import Path

import msgspec

from harness.driver.messages import Link, Message, Running, TrialSpec
from harness.machine.guard import die_with_parent
from harness.machine.processes import spawn, stop_tree

SPEC_LIMIT = 1 << 20
KILL_LIMIT_S = 5.0


class DriverProcess:
    """One driver of a fork server, as the session sees it."""

    lead_s = 0.01
    """How long before they begin drivers are told so."""
    at = None
    """On this machine."""

    def __init__(self, link: Link, server: "ForkServer") -> None:
        self._link = link
        self._server = server
        self.pid: int | None = None

    def send(self, message: Message) -> None:
        """Queue a message to the driver."""
        self._link.send(message)

    async def receive(self) -> Message | None:
        """The driver's next message; None when it has ended."""
        message = await self._link.receive()
        if isinstance(message, Running):
            self.pid = message.pid
            return await self.receive()
        return message

    def kill(self) -> None:
        """End it at once; harmless when it has ended."""
        if self.pid is not None and not self._server.idle:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def ended(self) -> str | None:
        """Wait until it has ended; None where that was in order, else how it ended."""
        try:
            code = await asyncio.wait_for(self._server.exit_code(), KILL_LIMIT_S)
        except TimeoutError:
            await self._server.stop(0)  # its driver ends with it
            code = -signal.SIGKILL
        await self._link.close()
        if code == 0:
            return None
        return (
            f"the driver was killed by {signal.Signals(-code).name}" if code < 0 else f"the driver exited with {code}"
        )


class ForkServer:
    """The session's handle on one fork server; it runs one driver at a time."""

    def __init__(self, modules: list[str], log: Path | None = None, env: dict[str, str] | None = None) -> None:
        """`env`: what the work finds in its environment."""
        self._modules = modules
        self._env = env
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self.idle = True

    async def start(self) -> None:
        """Start it; it imports while others boot."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            argv = [sys.executable, "-m", "harness.driver.fork_server", str(theirs.fileno()), *self._modules]
            self._process = await spawn(argv, env=self._env, pass_fds=(theirs.fileno(),), log=self._log)
        ours.setblocking(False)
        self._control = ours

    async def fork(self, spec: TrialSpec) -> DriverProcess:
        """Have it fork a driver for `spec`; starts the fork server again if it has died."""
        if self._process is None or self._process.returncode is not None:
            await self.start()
        assert self._control is not None
        ours, theirs = socket.socketpair()
        with theirs:
            fds = array.array("i", [theirs.fileno()])
            self._control.sendmsg([msgspec.json.encode(spec)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        self.idle = False
        return DriverProcess(await Link.over(ours), self)

    async def exit_code(self) -> int:
        """The driver's exit code, once it has ended; negative for a signal's number."""
        assert self._control is not None
        reply = await asyncio.get_running_loop().sock_recv(self._control, 64)
        self.idle = True
        return int(reply) if reply else -signal.SIGKILL

    async def stop(self, grace_s: float) -> None:
        """End it, with the driver that it may be running."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            await stop_tree(self._process, grace_s)


def _serve(control: socket.socket) -> None:
    """Fork a driver for every spec that comes, one after the other, until the session is gone."""
    while True:
        data, fds, _flags, _address = socket.recv_fds(control, SPEC_LIMIT, 1)
        if not data:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            os._exit(_drive(data, fds[0]))
        os.close(fds[0])
        _, status = os.waitpid(pid, 0)
        control.send(str(os.waitstatus_to_exitcode(status)).encode())


def _drive(data: bytes, fd: int) -> int:
    """In the forked driver: run its trial."""
    from harness.driver import driver

    die_with_parent(os.getppid())
    driver.main(socket.socket(fileno=fd), msgspec.json.decode(data, type=TrialSpec))
    return 0


def main() -> None:
    """`python -m harness.driver.fork_server FD MODULE…`."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in ("harness.driver.driver", *sys.argv[2:]):
        importlib.import_module(module)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    _serve(control)


if __name__ == "__main__":
    main()

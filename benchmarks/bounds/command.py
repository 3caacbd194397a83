"""Runs the command line, as its user does, and reads what it wrote."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from harness.errors import WorkbenchError
from harness.results import store
from harness.results.model import Cell, Results

LIMIT_S = 120.0


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    said: str
    results: Results | None

    def cell(self) -> Cell:
        """The first cell that is none of the floor's."""
        assert self.results is not None, self.said
        return next(cell for cell in self.results.cells if "floor" not in cell.views)


def workbench(*arguments: str, before: Callable[[], None] | None = None) -> Ended:
    """`workbench run …`, quietly; `before` is called in its process before it begins."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        command = [sys.executable, "-m", "harness", "run", *arguments, "--quiet", "-o", f"{folder}/run"]
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT_S, check=False, preexec_fn=before, env=_environment()
        )
        try:
            results = store.read(Path(folder) / "run")
        except WorkbenchError:
            results = None
        return Ended(ended.returncode, ended.stderr.strip(), results)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}


@contextlib.contextmanager
def server(*command: str, port: int) -> Iterator[None]:
    """A server of the benchmark's own, once it listens; ended at the end."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        (Path(folder) / "events").write_text("[]")
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield
        finally:
            process.kill()
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on port {port}")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

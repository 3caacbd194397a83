"""The whole of docker-compose.yml, built and started as a user does, in a folder and a project of its own."""

import contextlib
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.progress.journal import RateSeen, TrialBegins, decode
from harness.results import store
from tests.running import await_engine, without_engine

REPOSITORY = Path(__file__).resolve().parents[2]
UID = 4711
PLAN = "short"
"""A plan of one's own in ./plans: `quick` in one round, of 300 ms a trial, without the floor."""
BARE = "plans/bare.toml"
"""Another one: no floor beside what the command line gives."""
WAIT_S = 600.0
WAITS_S = 60.0
"""How long a worker or a driver may take to say that it is there."""
DOWN = ("--profile", "*", "down")
"""As documented: after a plain `down`, Compose v2 leaves the containers of profiles."""


class Compose:
    """`docker compose` in that folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = f"workbench{uuid.uuid4().hex[:8]}"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        settings = {
            "WORKBENCH_UID": UID,
            "WORKBENCH_GID": UID,
            "WORKBENCH_PORT": self.port,
            "PLAN": f"plans/{PLAN}.toml",
        }
        self.env = (
            os.environ | {"COMPOSE_PROJECT_NAME": self.project} | {key: str(one) for key, one in settings.items()}
        )

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return self._run("docker", "compose", *arguments, check=check)

    def _run(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(argv, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=WAIT_S)
        assert not check or done.returncode == 0, f"{argv}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """A run of the harness, beside what is up; whatever its exit status."""
        given = [text for name, value in env.items() for text in ("-e", f"{name}={value}")]
        return self("run", "--rm", "--no-deps", "-T", *given, "harness", "run", *arguments, check=False)

    def containers(self) -> dict[str, Any]:
        """What `docker inspect` says of each container, by its service."""
        found = self._run(
            "docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={self.project}"
        ).stdout.split()
        inspected = json.loads(self._run("docker", "inspect", *found).stdout) if found else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in inspected}

    def networks(self) -> str:
        """Those of this project."""
        return self._run("docker", "network", "ls", "-q", "--filter", f"name={self.project}").stdout

    def until_workers_answer(self, service: str, number: int) -> None:
        """Until that many workers of a service say that they wait."""
        with self.going("docker", "compose", "logs", "--no-color", "--follow", service) as logs:
            waiting = (line for line in lines(logs, WAITS_S) if "waiting for runs" in line)
            assert len(list(itertools.islice(waiting, number))) == number

    def until_answers_come(self, run: subprocess.Popen[str], folder: str, load: str) -> None:
        """Until a trial of that load is answered, by the journal of the run that writes to that folder."""
        journal = self.folder / folder / store.JOURNAL
        with self.going("tail", "--lines=+1", "--follow=name", "--retry", str(journal)) as tail:
            of_load = False
            for line in lines(tail, WAITS_S):
                event = decode(line) if line.startswith("{") else None  # tail itself says that it waits
                if isinstance(event, TrialBegins):
                    of_load = event.load == load
                elif of_load and isinstance(event, RateSeen):
                    return
        run.kill()
        pytest.fail(f"no answer to a request of {load} within {WAITS_S:g} s: {run.communicate()[0]}")

    @contextlib.contextmanager
    def going(self, *argv: str) -> Iterator[subprocess.Popen[str]]:
        """A command that goes on meanwhile; killed where it is still there at the end."""
        process = subprocess.Popen(
            argv,
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()


def lines(process: subprocess.Popen[str], within_s: float) -> Iterator[str]:
    """What it prints, as it does; it is killed where that takes too long."""
    assert process.stdout is not None
    timer = threading.Timer(within_s, process.kill)
    timer.start()
    try:
        yield from process.stdout
    finally:
        timer.cancel()


def left_out(folder: str, names: list[str]) -> set[str]:
    """What no clone has."""
    at_the_top = {"results", "build"} if Path(folder) == REPOSITORY else set()
    return at_the_top | shutil.ignore_patterns(".venv", ".git", "*_cache", "__pycache__", ".hypothesis")(folder, names)


def shortened(plan: str) -> str:
    """That plan in the least time."""
    for setting, value in (("rounds", "1"), ("boots", "1"), ("duration", '"300ms"')):
        plan, replaced = re.subn(rf"(?m)^{setting} = .*", f"{setting} = {value}", plan)
        assert replaced == 1, setting
    return plan.replace("\n\n[[view]]\n", "\n\n[[view]]\nfloor = false\n", 1)


def no_engine() -> str | None:
    """Why there is no Docker to test with."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    for argv in (["docker", "info"], ["docker", "compose", "version"]):
        if subprocess.run(argv, capture_output=True).returncode != 0:
            return f"`{' '.join(argv)}` fails"
    return None


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """Built, up, and the harness has ended; taken down at the end, whatever happens."""
    await_engine()
    if (reason := no_engine()) is not None:
        without_engine(reason)
    folder = tmp_path_factory.mktemp("compose") / "clone"
    shutil.copytree(REPOSITORY, folder, ignore=left_out)
    (folder / "results").mkdir()
    made = Compose(folder)
    try:
        made("build", "owner")  # of the sources as they are in the repository: then the engine may have it already
        quick = (folder / "plans" / "quick.toml").read_text()
        (folder / "plans" / f"{PLAN}.toml").write_text(shortened(quick))
        shutil.copy(REPOSITORY / "tests" / "bare.toml", folder / BARE)
        made("up", "-d")
        yield made
    finally:
        made(*DOWN, "--volumes", "--timeout", "10", check=False)

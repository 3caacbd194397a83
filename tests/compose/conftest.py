"""The whole of docker-compose.yml, built and started as a user does, in a folder and a project of its own."""

import json
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "results", "build", "*_cache", "__pycache__", ".hypothesis")
UID = 4711
WAIT_S = 600.0
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
        settings = {"WORKBENCH_UID": UID, "WORKBENCH_GID": UID, "WORKBENCH_PORT": self.port, "PLAN": "quick"}
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
        deadline = time.monotonic() + 60
        while self("logs", "--no-color", service).stdout.count("waiting for runs") < number:
            assert time.monotonic() < deadline
            time.sleep(0.5)

    def until_busy(self, service: str, number: int) -> None:
        """Until that many containers of a service have a driver process at work."""
        deadline = time.monotonic() + 60
        names = self("ps", "-q", service).stdout.split()
        while sum("harness.driver.fork_server" in self._run("docker", "top", name).stdout for name in names) < number:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        time.sleep(3)  # into the window


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
    if (reason := no_engine()) is not None:
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("compose") / "clone"
    shutil.copytree(REPOSITORY, folder, ignore=LEFT_OUT)
    (folder / "results").mkdir()
    made = Compose(folder)
    try:
        made("build", "owner")
        made("up", "-d")
        yield made
    finally:
        made(*DOWN, "--volumes", "--timeout", "10", check=False)

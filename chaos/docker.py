"""What cases need of a container engine."""

import contextlib
import subprocess
from pathlib import Path

LIMIT_S = 60.0
NAMES = (
    '[io:format("~s ~s~n", [element(3, N), element(4, N)]) || L <- [rabbit_amqqueue, rabbit_exchange], '
    "N <- L:list_names()]."
)
"""Kind and name of all queues and exchanges: one command, because each starts an Erlang VM."""


def docker(
    *arguments: str, limit_s: float = LIMIT_S, cwd: Path | None = None, env: dict[str, str] | None = None
) -> str:
    """What `docker` prints; raises SubprocessError where it fails."""
    command = ["docker", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=limit_s, cwd=cwd, env=env
    ).stdout.strip()


def has_image(name: str) -> bool:
    """Whether there is an engine, and it has that image."""
    try:
        return bool(docker("images", "-q", name))
    except (OSError, subprocess.SubprocessError):
        return False


def is_running(container: str) -> bool:
    """Whether there is a container of that name or id that runs."""
    with contextlib.suppress(subprocess.SubprocessError):
        return bool(container) and docker("inspect", "-f", "{{.State.Running}}", container) == "true"
    return False


def queues_and_exchanges(container: str) -> set[str]:
    """All of a RabbitMQ that runs there."""
    lines = docker("exec", container, "rabbitmqctl", "-q", "eval", NAMES).splitlines()
    return {line for line in lines if line.startswith(("queue ", "exchange "))}

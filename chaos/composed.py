"""docker-compose.yml as a case has it: a project of its own, whose containers are killed and started again."""

import contextlib
import json
import os
import subprocess
import tempfile
import uuid
from pathlib import Path

import psutil
import redis

from chaos.around import STARTED
from chaos.case import Broker, Case, Role, Strike
from chaos.docker import LIMIT_S, docker, queues_and_exchanges
from chaos.given import Unavailable, answers, left_keys, queued, until

REPOSITORY = Path(__file__).resolve().parent.parent
IMAGE, CONTEXT = "image: workbench #", "context: .,"
"""What a project with an image of its own has instead."""
BUILT_WITHIN_S = 900.0
UP_WITHIN_S = 180.0
ENDS_WITHIN_S = 10.0
"""On a core that is free."""
KILLED = 137
"""The exit status of a container after SIGKILL."""
PASSWORD = "workbench"  # noqa: S105 - the one that docker-compose.yml has where none is set
AT: dict[Broker, tuple[str, str]] = {
    "given redis": ("redis", f"redis://:{PASSWORD}@{{host}}:6379/0"),
    "rabbitmq": ("rabbitmq", f"amqp://workbench:{PASSWORD}@{{host}}:5672//"),
}
"""Service and URL."""


class Project:
    """`docker compose` in a folder that has a copy of docker-compose.yml."""

    def __init__(self) -> None:
        """Build the image."""
        self._temporary = tempfile.TemporaryDirectory(prefix="workbench-chaos-compose-")
        self.folder = Path(self._temporary.name)
        self.name = f"workbench-chaos-{uuid.uuid4().hex[:8]}"
        text = (REPOSITORY / "docker-compose.yml").read_text("utf-8")
        text = text.replace(IMAGE, f"image: {self.name} #").replace(CONTEXT, f"context: {json.dumps(str(REPOSITORY))},")
        (self.folder / "docker-compose.yml").write_text(text, "utf-8")
        for name in ("results", "plans"):
            (self.folder / name).mkdir()
        self.env = os.environ | {
            "COMPOSE_PROJECT_NAME": self.name,
            "COMPOSE_PROFILES": "rabbitmq,drivers",
            "WORKBENCH_UID": str(os.getuid()),
            "WORKBENCH_GID": str(os.getgid()),
            "WORKBENCH_SLOTS": "2",
        }
        try:
            self("build", "--quiet", "owner", limit_s=BUILT_WITHIN_S)
        except (OSError, subprocess.SubprocessError) as error:
            self.close()
            raise Unavailable(f"no image of docker-compose.yml: {error}") from None
        except BaseException:  # interrupted
            self.close()
            raise

    def __call__(self, *arguments: str, limit_s: float = UP_WITHIN_S) -> str:
        """What `docker compose` prints."""
        return docker("compose", *arguments, limit_s=limit_s, cwd=self.folder, env=self.env)

    def containers(self, service: str) -> list[str]:
        """Ids of those that run."""
        return self("ps", "--quiet", "--status", "running", service).split()

    def close(self) -> None:
        """Nothing of it stays."""
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            self("down", "--volumes", "--timeout", "5")
            docker("rmi", "--force", self.name)
        self._temporary.cleanup()


class Composed:
    """The broker of such a project (see `chaos.given.Given`)."""

    def __init__(self, broker: Broker) -> None:
        self.service, self._form = AT[broker]
        self.project = Project()
        try:
            self.again()
            self._before = self._queues()
        except BaseException:  # interrupted, too
            self.close()
            raise

    @property
    def url(self) -> str:
        """As it is reached from outside of the project: another one after each start."""
        return self._url(self.service, self._form)

    def _url(self, service: str, form: str) -> str:
        for container in self.project.containers(service):
            networks = json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Networks}}", container))
            return form.format(host=next(iter(networks.values()))["IPAddress"])
        raise Unavailable(f"the {service} of docker-compose.yml does not run")

    def harness(self) -> list[str]:
        """The service that runs the harness on it, with what it is told, after `docker compose run`."""
        if self.service != "rabbitmq":
            return ["harness"]
        return ["-e", f"WORKBENCH_BROKER={self._form.format(host=self.service)}", "harness-rabbitmq"]

    def hit(self, strike: Strike) -> None:
        """Kill its container."""
        docker("kill", *self.project.containers(self.service))

    def resume(self) -> None:
        """None is ever stopped."""

    def again(self) -> None:
        """Start it, if it does not run."""
        self.project("up", "--detach", self.service)
        until(lambda: answers(self.url), f"the {self.service} of docker-compose.yml")

    def left(self) -> list[str] | None:
        """What runs have left on it, and where its results are."""
        with contextlib.suppress(Unavailable), redis.Redis.from_url(self._url(*AT["given redis"])) as client:
            return sorted(left_keys(client) | self._queues() - self._before)
        return None

    def _queues(self) -> set[str]:
        if self.service != "rabbitmq":
            return set()
        return queues_and_exchanges(*self.project.containers(self.service))

    def close(self) -> None:
        """And all of its project."""
        self.project.close()


class Beside:
    """Workers and drivers of the project (see `chaos.around.Waiting`)."""

    def __init__(self, case: Case, composed: Composed) -> None:
        pool, _ = case.contender.removeprefix("celery-").split(":")
        suffix = "-rabbitmq" if composed.service == "rabbitmq" else ""
        self._project = composed.project
        self._services = {f"worker-{pool}{suffix}": case.waiting}
        self._services |= {"driver": case.drivers} if case.drivers > 1 else {}
        try:
            self.again()
        except BaseException:  # interrupted, too
            self.close()
            raise

    def again(self) -> None:
        """Start those that do not run; returns once all wait."""
        scale = [text for name, number in self._services.items() for text in ("--scale", f"{name}={number}")]
        self._project("up", "--detach", "--no-recreate", *scale, *self._services)
        until(self._all_wait, "workers and drivers of docker-compose.yml that wait")

    def _all_wait(self) -> bool:
        return all(
            len(running := self._project.containers(service)) == number
            and all(_has_printed(STARTED[service.partition("-")[0]], each) for each in running)
            for service, number in self._services.items()
        )

    def of_role(self, role: Role) -> list[psutil.Process]:
        """The first process of one of the containers."""
        service = next(iter(self._services)) if role == "external worker" else "driver"
        return [first_process(one) for one in self._project.containers(service)[:1]]

    def close(self) -> list[str]:
        """End them, as `docker compose stop` does; returns those that do not end when they are told to."""
        services = list(self._services)
        self._project("stop", "--timeout", f"{ENDS_WITHIN_S * queued():.0f}", *services)
        ended = map(json.loads, self._project("ps", "--all", "--format", "json", *services).splitlines())
        left = [f"{one['Name']} did not end after SIGTERM" for one in ended if one["ExitCode"] == KILLED]
        self._project("rm", "--force", *services)
        return left


def _has_printed(text: str, container: str) -> bool:
    """Since it was last started."""
    started = docker("inspect", "-f", "{{.State.StartedAt}}", container)
    argv = ["docker", "logs", "--since", started, container]
    said = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S)
    return text in said.stdout


def first_process(container: str) -> psutil.Process:
    """Of a container that runs on this machine: what ends with it are all of them."""
    return psutil.Process(int(docker("inspect", "-f", "{{.State.Pid}}", container)))

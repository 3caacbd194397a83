"""Runs the harness of docker-compose.yml for a case, as `docker compose run` does."""

import contextlib
import shutil
import signal
import subprocess
from pathlib import Path

import psutil

from chaos.around import Waiting
from chaos.case import Case, Role
from chaos.composed import KILLED, Composed, first_process
from chaos.docker import docker
from chaos.given import Given
from chaos.journal import Watched
from chaos.plans import arguments, plan
from chaos.processes import environment, of_role
from chaos.running import Running
from harness.results import store


class InContainer(Running):
    """One case, whose session is a container; what plays a role below it is seen from outside."""

    def __init__(self, case: Case, folder: Path, given: Given | None, around: Waiting | None = None) -> None:
        if not isinstance(given, Composed):
            raise TypeError("only a project of docker-compose.yml has containers")
        super().__init__(case, folder, given, around)
        self._composed = given
        self._name = f"{folder.parent.name}-{folder.name}"
        self._container = f"{given.project.name}-{self._name}"
        self._session: psutil.Process | None = None
        self._output = given.project.folder / "results" / self._name
        shutil.rmtree(self._output, ignore_errors=True)
        self._watched = Watched(self._output / store.JOURNAL)

    def _start(self) -> psutil.Popen:
        project, plan_file = self._composed.project, Path("plans", f"{self._name}.toml")
        (project.folder / plan_file).write_text(plan(self._case), "utf-8")
        given = arguments(self._case, plan_file, Path("results", self._name), None)
        argv = ["docker", "compose", "run", "--rm", "--no-deps", "-T", "--name", self._container]
        with (self._folder / "out").open("w") as out, (self._folder / "err").open("w") as err:
            return psutil.Popen(
                [*argv, *self._composed.harness(), *given],
                cwd=project.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment(self._mark, self._temporary) | project.env,
            )

    def _of_role(self, root: psutil.Process, role: Role) -> list[psutil.Process]:
        """The session is the first process of its container, with its init; `root` only waits for it."""
        with contextlib.suppress(psutil.Error, subprocess.SubprocessError):  # it is not there yet, or any more
            self._session = self._session or first_process(self._container)
            if role == "workbench":
                return [self._session] if self._session.is_running() else []
            return [found for workbench in self._session.children() for found in of_role(workbench, role)]
        return []

    def _ended(self, process: psutil.Popen) -> int | None:
        status = super()._ended(process)
        if status is None:
            with contextlib.suppress(subprocess.SubprocessError):  # it has ended since
                docker("rm", "--force", self._container)
        with contextlib.suppress(OSError):  # it has written nothing
            shutil.copytree(self._output, self._folder / "run")  # the project's folder goes with it
        return -signal.SIGKILL if status == KILLED else status

"""Workers and drivers that wait for runs: started beside the run of a case, hit by it, and ended."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

import psutil

from chaos.case import Case, Role
from chaos.given import Unavailable, queued, until
from chaos.processes import environment

ENDS_WITHIN_S = 10.0
"""On a core that is free."""
STARTED = {"worker": ".> concurrency", "driver": "waiting for runs"}
"""What each prints once it can be found."""


class Waiting(Protocol):
    """Those of one case, or of several."""

    def again(self) -> None:
        """Start those that do not run, as whoever keeps them running does; returns once they wait."""
        ...

    def of_role(self, role: Role) -> list[psutil.Process]:
        """One of those that play a role now, with the processes that it has forked for a trial."""
        ...

    def close(self) -> list[str]:
        """End them; returns those that do not end when they are told to."""
        ...


class Around:
    """On this machine; none where the run starts its own."""

    def __init__(self, case: Case, folder: Path, broker_url: str | None, mark: str) -> None:
        """`folder`: for their logs and temporary files; what they leave when they are killed is not the run's."""
        self._folder = folder
        self._processes: dict[str, psutil.Popen] = {}
        self._arguments: dict[str, list[str]] = {}
        if case.workers == "embedded":
            return
        if broker_url is None:
            raise Unavailable("no broker for external workers")
        pool, slots = case.contender.removeprefix("celery-").split(":")
        worker = ["worker", "--pool", pool, "--slots", slots]
        drivers = case.drivers if case.drivers > 1 else 0
        self._arguments = {f"worker {number}": worker for number in range(case.waiting)}
        self._arguments |= {f"driver {number}": ["driver"] for number in range(drivers)}
        temporary = folder / "tmp of others"
        temporary.mkdir(parents=True)
        self._env = environment(mark, temporary) | {"WORKBENCH_BROKER": broker_url}
        self.again()

    def again(self) -> None:
        """Start those that do not run."""
        try:
            until(self._all_wait, "workers and drivers that wait")
        except BaseException:  # interrupted, too
            self.close()
            raise

    def _all_wait(self) -> bool:
        for name, arguments in self._arguments.items():
            if name not in self._processes or self._processes[name].poll() is not None:
                with self._log(name).open("w") as log:
                    argv = [sys.executable, "-P", "-m", "harness", *arguments]
                    self._processes[name] = psutil.Popen(argv, cwd=self._folder, stdout=log, stderr=log, env=self._env)
        return all(map(self._has_started, self._processes))

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _has_started(self, name: str) -> bool:
        return STARTED[name.split()[0]] in self._log(name).read_text("utf-8", "replace")

    def of_role(self, role: Role) -> list[psutil.Process]:
        """One of those that play it now."""
        kind = "worker" if role == "external worker" else "driver"
        running = [one for name, one in self._processes.items() if name.split()[0] == kind and one.poll() is None]
        found: list[psutil.Process] = []
        for one in running[:1]:
            with contextlib.suppress(psutil.Error):  # it has ended
                found.append(psutil.Process(one.pid))
        return found

    def close(self) -> list[str]:
        """End them."""
        for process in self._processes.values():
            with contextlib.suppress(psutil.Error):  # it was killed
                process.resume()
                process.terminate()
        deadline, left = time.monotonic() + ENDS_WITHIN_S * queued(), []
        for name, process in self._processes.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
                left.append(f"the {name} that waits for runs did not end after SIGTERM")
                process.kill()
                process.wait()
        return left

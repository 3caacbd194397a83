"""The two sides of `workbench ab`: checkouts or environments, of which each runs the workbench of its own."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import NamedTuple

from harness.errors import ServiceError, UsageError
from harness.machine.deadline import in_time
from harness.machine.processes import GUARD, environment, last_lines, send

PYTHONS = (".venv/bin/python", "bin/python")
ENDS_WITHIN_S = 20.0
"""After an interrupt, a run stops its services and saves what it measured."""
MEASURED = (0, 1)
"""Statuses of a run with a document: 1 says that requests failed."""


class Side(NamedTuple):
    """One of the two: a folder, and the Python that runs its workbench."""

    name: str
    folder: Path
    python: Path

    async def run(self, arguments: list[str], log: Path) -> None:
        """A run of its workbench, to its end; on cancellation it is interrupted. Raises ServiceError if it failed."""
        with log.open("ab") as sink:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", GUARD, str(os.getpid())),
                *(str(self.python), "-P", "-m", "harness", "run", *arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=environment({}),
                start_new_session=True,
            )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            send(process, signal.SIGINT)
            with contextlib.suppress(TimeoutError):  # its guard ends it with this process
                await in_time(ENDS_WITHIN_S, process.wait())
            raise
        if status not in MEASURED:
            raise ServiceError(
                f"the run of {self.name} {self.folder} ended with status {status}; its last lines:\n{last_lines(log)}"
            )


def side_of(name: str, folder: Path) -> Side:
    """The side in that folder; raises UsageError if it is neither a checkout with its `.venv` nor an environment."""
    for place in PYTHONS:
        python = folder.absolute() / place
        if os.access(python, os.X_OK):
            return Side(name, folder.absolute(), python)
    raise UsageError(
        f"{name} {folder}: neither a checkout with an environment (.venv/bin/python, made by `make setup`) nor an "
        "environment (bin/python)."
    )

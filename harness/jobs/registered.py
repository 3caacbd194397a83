"""The jobs of this run, by name: added by the command, handed to the run's children in a file."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:  # `workbench --help` does without
    from harness.jobs.spec import OwnJob

VARIABLE = "WORKBENCH_JOBS"
"""In the environment of the run's own children: the file of the jobs."""
FILE = "jobs.json"

_jobs: "dict[str, OwnJob]" = {}


def add(job: "OwnJob") -> None:
    """Make it a workload of this process, instead of an earlier one of that name."""
    _read()
    _jobs[job.name] = job


def find(name: str) -> "OwnJob | None":
    """The job of that name; None if there is none."""
    _read()
    return _jobs.get(name)


def get(name: str) -> "OwnJob":
    """The job of that name; raises UsageError if there is none."""
    job = find(name)
    if job is None:
        raise UsageError(f"there is no job {name!r} in this run.")
    return job


def names() -> list[str]:
    """The names of all jobs."""
    _read()
    return list(_jobs)


def hand_over(folder: Path) -> dict[str, str]:
    """Write the jobs into that folder; returns the environment with which a child finds them."""
    if not _jobs:
        return {}
    from harness.jobs.spec import written

    file = folder / FILE
    file.touch(mode=0o600)
    file.write_bytes(written(list(_jobs.values())))
    return {VARIABLE: str(file)}


def handed_over() -> dict[str, str]:
    """The same for the process that this one becomes, which nobody cleans up after: in a file without a name."""
    from harness.jobs.spec import written

    with tempfile.TemporaryFile() as file:
        file.write(written(list(_jobs.values())))
        file.seek(0)
        kept = os.dup(file.fileno())
    os.set_inheritable(kept, True)
    return {VARIABLE: f"/dev/fd/{kept}"}


def _read() -> None:
    """In a child: take what was handed over, once."""
    file = os.environ.pop(VARIABLE, None)
    if file is not None:
        from harness.jobs.spec import OwnJob, read

        for job in read(Path(file).read_bytes(), list[OwnJob]):
            _jobs.setdefault(job.name, job)

"""The runs of a folder, as `workbench serve` lists them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from harness.errors import UsageError
from harness.report.served_files import content
from harness.results import store

DEPTH = ("*", "*/*")
"""How deep runs may lie in the folder."""


class ListedRun(NamedTuple):
    """A run in the list; `error` says why its document cannot be read."""

    id: str
    address: str
    started: str = ""
    plan: str = ""
    rounds: int = 0
    status: str = ""
    error: str | None = None


def listed(folder: Path) -> list[ListedRun]:
    """All runs of a folder, the newest first; those that cannot be read last."""
    runs = sorted((_listed(folder, run_folder) for run_folder in _run_folders(folder)), key=lambda run: run.id)
    return sorted(runs, key=lambda run: run.started, reverse=True)


def address_of(identity: str) -> str:
    """Where the run's report is served."""
    return f"/runs/{quote(identity)}/"


def _run_folders(folder: Path) -> Iterator[Path]:
    for depth in DEPTH:
        for file in folder.glob(f"{depth}/{store.DOCUMENT}"):
            if _is_inside(file, folder):
                yield file.parent


def _is_inside(file: Path, folder: Path) -> bool:
    try:
        return file.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # a loop of links
        return False


def _listed(folder: Path, run_folder: Path) -> ListedRun:
    identity = run_folder.relative_to(folder).as_posix()
    address = address_of(identity)
    try:
        run = store.parse_run(content(folder, run_folder / store.DOCUMENT), run_folder)
    except (OSError, UsageError) as error:
        return ListedRun(identity, address, error=str(error))
    return ListedRun(identity, address, run.started, run.plan or "as given", run.rounds, run.status)

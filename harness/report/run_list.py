"""The runs of a folder, as `workbench serve` lists them."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from harness.errors import UsageError
from harness.report.board.board import Entry, judged
from harness.report.card.of_run import any_card
from harness.report.first.of_run import first_screen
from harness.report.served_files import content
from harness.report.subjects import run_name
from harness.results import store
from harness.statistics.two_runs import measured_rows

TOLD_MOST = 100
"""So many of the newest runs are shown with their headline."""
BOARD_BYTES_MOST = 16 * 10**6
"""Of a document whose figures are checked."""
FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a defect in a sentence may raise: a run of which nothing can be said must not take the others with it."""
DEPTH = ("*", "*/*")
"""How deep runs may lie in the folder."""


class ListedRun(NamedTuple):
    """A run in the list; `error` says why its document cannot be read."""

    id: str
    address: str
    started: str = ""
    name: str = ""
    machine: str = ""
    rounds: int = 0
    status: str = ""
    headline: str = ""
    """Empty for runs beyond the newest ones, whose documents are not read for the list."""
    use: str = ""
    """What follows from it."""
    sure: str = ""
    doubts: tuple[str, ...] = ()
    """Kinds of doubt of its first screen."""
    rows: frozenset[int] | None = None
    """Of what was measured; None where that is not known."""
    error: str | None = None


class Told(NamedTuple):
    """What a document says of its run in a line."""

    name: str
    machine: str
    headline: str
    doubts: tuple[str, ...]
    use: str
    sure: str
    rows: frozenset[int]


def listed(folder: Path) -> list[ListedRun]:
    """All runs of a folder, the newest first; those that cannot be read last."""
    runs = sorted((_listed(folder, run_folder) for run_folder in _run_folders(folder)), key=lambda run: run.id)
    newest_first = sorted(runs, key=lambda run: run.started, reverse=True)
    return [_with_headline(folder, run) if place < TOLD_MOST else run for place, run in enumerate(newest_first)]


def to_compare(runs: Sequence[ListedRun]) -> tuple[ListedRun, ListedRun] | None:
    """The base and the new run that are chosen at first: the newest that has ended and can be compared with another."""
    runs = [run for run in runs if run.status != "running"]
    pairs = ((base, new) for place, new in enumerate(runs) for base in runs[place + 1 :])
    return next(((base, new) for base, new in pairs if base.rows and new.rows and base.rows & new.rows), None)


def address_of(identity: str) -> str:
    """Where the run's report is served."""
    return f"/runs/{quote(identity)}/"


def candidates(folder: Path) -> list[tuple[str, Entry | str]]:
    """The runs of a folder as the board judges them; of many, those beyond the newest are not read."""
    runs = listed(folder)
    return [
        *((run.id, _candidate(folder, run)) for run in runs[:TOLD_MOST]),
        *((run.id, _unread(run)) for run in runs[TOLD_MOST:]),
    ]


def _unread(run: ListedRun) -> str:
    return f"unreadable: {run.error}" if run.error else f"not read: {TOLD_MOST} runs are newer"


def _candidate(folder: Path, run: ListedRun) -> Entry | str:
    file = folder / run.id / store.DOCUMENT
    try:
        state = file.stat()
        return _judged(folder, file, run.id, state.st_mtime_ns, state.st_size)
    except (OSError, UsageError) as error:
        return f"unreadable: {run.error or error}"


@lru_cache(maxsize=2 * TOLD_MOST)
def _judged(folder: Path, file: Path, identity: str, _changed_ns: int, _size: int) -> Entry | str:
    """A run of the board, checked again only where its document has changed."""
    name = f"{file.parent.name}/{store.DOCUMENT}"
    return judged(identity, store.parse(content(folder, file, most=BOARD_BYTES_MOST), name, file.parent))


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
    rounds = 0 if run.decision or run.sizing else run.rounds  # these have their own
    return ListedRun(identity, address, run.started, run.plan, rounds=rounds, status=run.status)


def _with_headline(folder: Path, run: ListedRun) -> ListedRun:
    """With what its document says, where that can be read."""
    if run.error is not None:
        return run
    file = folder / run.id / store.DOCUMENT
    try:
        state = file.stat()
        told = _told(folder, file, state.st_mtime_ns, state.st_size)
    except (OSError, UsageError) as error:
        return run._replace(error=str(error))
    except FAULTS as error:
        return run._replace(error=f"internal error, nothing can be said of it: {type(error).__name__}: {error}")
    return run._replace(**told._asdict())


@lru_cache(maxsize=4 * TOLD_MOST)
def _told(folder: Path, file: Path, _changed_ns: int, _size: int) -> Told:
    """What a document says, read again only where it has changed."""
    results = store.parse(content(folder, file), f"{file.parent.name}/{store.DOCUMENT}", file.parent)
    first, environment = first_screen(results), results.environment
    card = any_card(results)
    headline = (card.headline if card else "") or first.headline
    kinds = tuple(note.text.partition(" (")[0] for note in first.doubts if note.kind == "doubt")
    use, sure = ("", card.sure) if card else first.certainty
    machine = f"{environment.cpus} CPUs, Python {environment.python}"
    return Told(run_name(results), machine, headline, kinds, use, sure, measured_rows(results))

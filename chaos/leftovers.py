"""What a run has left on the machine: processes, temporary files, shared memory."""

import contextlib
import time
from pathlib import Path

import psutil

from chaos.processes import Tree, marked

GRACE_S = 3.0
"""How long children may take to end after a workbench that was killed."""
STEP_S = 0.05
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108
SEGMENTS = (Path("/proc/sysvipc/shm"), Path("/proc/sysvipc/sem"), Path("/proc/sysvipc/msg"))


class Before:
    """What there was before a run."""

    def __init__(self, mark: str, tree: Tree, temporary: Path) -> None:
        """`tree`: what is seen of the run. `temporary`: where it has its temporary files; a folder of its own."""
        self._mark = mark
        self._tree = tree
        self._temporary = temporary
        self._shared = _shared()
        self._segments = _segments()

    def left_running(self, grace_s: float) -> list[str]:
        """Processes of the run that do not end by themselves within that time; they are killed."""
        deadline = time.monotonic() + grace_s
        while (found := self._running()) and time.monotonic() < deadline:
            time.sleep(STEP_S)
        said = []
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since
                said.append(f"process {process.pid} is left: {' '.join(process.cmdline())[:200]}")
                process.kill()
        return said

    def _running(self) -> list[psutil.Process]:
        return list({process.pid: process for process in (*self._tree.running(), *marked(self._mark))}.values())

    def left_files(self) -> list[str]:
        """Temporary files of the run."""
        return [f"{path} is left in TMPDIR" for path in sorted(self._temporary.iterdir())]

    def left_shared(self) -> list[str]:
        """Shared memory that nobody uses; of System V only what the run's processes created: others work here too."""
        files = _unused(_shared() - self._shared)
        if files:  # others' may be on the point of being removed
            time.sleep(1.0)
            files = _unused(files & _shared())
        made = {identity for identity, creator in _segments() - self._segments if creator in self._tree.pids}
        return [f"{path} is left" for path in sorted(files)] + [f"segment {each} is left" for each in sorted(made)]


def _shared() -> set[Path]:
    return set(SHARED_MEMORY.iterdir())


def _unused(files: set[Path]) -> set[Path]:
    """Those that no process has mapped or open."""
    if not files:
        return files
    used: set[str] = set()
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            used.update(
                line.split(maxsplit=5)[-1] for line in maps.read_text().splitlines() if str(SHARED_MEMORY) in line
            )
        except OSError:  # it has ended, or is another user's
            continue
    return {path for path in files if str(path) not in used}


def _segments() -> set[tuple[str, int]]:
    """Kind and id of each, with the process that created it; 0 where the kernel does not say."""
    found = set()
    for table in SEGMENTS:
        try:
            head, *rows = (line.split() for line in table.read_text("ascii").splitlines())
        except (OSError, ValueError):
            continue
        for row in rows:
            named = dict(zip(head, row, strict=False))
            found.add((f"{table.name} {row[1]}", int(named.get("cpid", 0))))
    return found

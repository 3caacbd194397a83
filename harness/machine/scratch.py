"""A run's temporary folder, which the next run removes if its own was killed."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness.machine.held import hold, is_held

PREFIX = "workbench-run-"
TRAVERSABLE = 0o711
"""Others may enter a folder in it whose name they know: PostgreSQL does not run as root."""
YOUNG_S = 60.0
"""A folder younger than that may not be held yet."""


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that is removed at the end; all temporary files of this process and of its children lie in it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    descriptor = hold(folder)
    try:
        with _temporary_files_in(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


@contextlib.contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    place = folder / "tmp"
    for each in (folder, place):
        each.mkdir(exist_ok=True)
        each.chmod(TRAVERSABLE)
    before = os.environ.get("TMPDIR"), tempfile.tempdir
    os.environ["TMPDIR"] = tempfile.tempdir = str(place)
    try:
        yield
    finally:
        variable, tempfile.tempdir = before
        if variable is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = variable


def left_behind() -> list[Path]:
    """The temporary folders of this user's runs that were killed."""
    return [folder for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _is_left(folder)]


def _is_left(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:  # its run has just removed it
        return False
    ours = status.st_uid == os.geteuid() and folder.is_dir() and not folder.is_symlink()
    return ours and time.time() - status.st_mtime > YOUNG_S and not is_held(folder)

"""A run's temporary folder, which the next run removes if its own was killed."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness.errors import ServiceError
from harness.machine.held import hold, is_held

PREFIX = "workbench-run-"
TRAVERSABLE = 0o711
"""Others may enter a folder in it whose name they know: PostgreSQL does not run as root."""
COMMON = (Path(os.sep, "tmp"), Path(os.sep, "var", "tmp"))
"""Where all users have temporary files, whatever TMPDIR says."""
YOUNG_S = 60.0
"""A folder younger than that may not be held yet."""


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that is removed at the end; all temporary files of this process and of its children lie in it."""
    with private_folder() as folder, _temporary_files_in(folder / "tmp"):
        yield folder


@contextlib.contextmanager
def private_folder(place: Path | None = None) -> Iterator[Path]:
    """A folder with a folder `tmp` in it, there or where temporary files lie; removed at the end."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place or _place()))
    except OSError as error:
        raise ServiceError(
            f"this machine has no place for temporary files: {error.strerror or error}. Set TMPDIR to a folder that "
            "can be written."
        ) from None
    descriptor = hold(folder)
    try:
        (folder / "tmp").mkdir()
        for each in (folder, folder / "tmp"):
            each.chmod(TRAVERSABLE)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _place() -> Path:
    """Where temporary files lie; elsewhere where its name is no text, as messages between processes are."""
    place = tempfile.gettempdir()
    try:
        place.encode()
    except UnicodeEncodeError:
        return COMMON[0]
    return Path(place)


def can_enter(folder: Path, uid: int, gid: int) -> bool:
    """Whether a user can reach what lies in a folder, by the modes of that and of all above it."""
    for each in (folder.resolve(), *folder.resolve().parents):
        status = each.stat()
        shift = 6 if status.st_uid == uid else 3 if status.st_gid == gid else 0
        if not status.st_mode >> shift & 1:
            return False
    return True


@contextlib.contextmanager
def _temporary_files_in(place: Path) -> Iterator[None]:
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
    places = {Path(tempfile.gettempdir()), *COMMON}
    return sorted(folder for place in places for folder in place.glob(f"{PREFIX}*") if _is_left(folder))


def _is_left(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:  # its run has just removed it
        return False
    ours = status.st_uid == os.geteuid() and folder.is_dir() and not folder.is_symlink()
    return ours and time.time() - status.st_mtime > YOUNG_S and not is_held(folder)

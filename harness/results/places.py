"""Writes files where a user wants them: whole or not at all, through links; devices and pipes stay."""

import contextlib
import errno
import os
import stat
from pathlib import Path

from harness.errors import UsageError, WriteError
from harness.machine.threads import within

STREAM_LIMIT_S = 20.0
"""For whoever reads a pipe to take all of it."""
NAME_CHARACTERS = 50
"""Of a file's name, in that of the temporary file beside it: a name has at most 255 bytes."""
DESCRIPTORS = ("/dev/fd/", "/dev/std", "/proc/")
"""Names of what is open already, whatever it is: it goes on where it is."""


def write_text(path: Path, text: str) -> None:
    """Write a file atomically, through a temporary file beside it; raises WriteError if it cannot be written."""
    data = text.encode("utf-8", "replace")
    try:
        if _is_stream(path):
            within(STREAM_LIMIT_S, _append, path, data)
        else:
            _replace(path.resolve(), data)
    except TimeoutError:
        raise WriteError(f"{path} cannot be written: its reader has not taken it in {STREAM_LIMIT_S:g} s.") from None
    except OSError as error:
        unread = error.errno == errno.ENXIO
        raise WriteError(f"{path} cannot be written: {'nobody reads it' if unread else error.strerror}.") from None


def check_writable(path: Path, option: str) -> None:
    """Raise UsageError, which names the option, if `write_text` could not write there now.

    A pipe is not opened: whoever reads it would take that for its end.
    """
    try:
        if _is_stream(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        temporary = _beside(path.resolve())
        temporary.touch()
        temporary.unlink()
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written: {error.strerror}.") from None


def _is_stream(path: Path) -> bool:
    """Whether it is no file, which could be replaced; raises OSError for what nobody means to write."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
        raise OSError(errno.EINVAL, f"it is a {'disk' if stat.S_ISBLK(mode) else 'socket'}")
    is_open_already = str(path.absolute()).startswith(DESCRIPTORS)
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or is_open_already


def _append(path: Path, data: bytes) -> None:
    """Raises OSError, for a pipe that nobody reads too."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def _replace(path: Path, data: bytes) -> None:
    temporary = _beside(path)
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):  # it may not even have been created
            temporary.unlink()
        raise


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:NAME_CHARACTERS]}.{os.getpid()}")

"""Reads files of the served folder: regular ones, up to a size, below that folder whatever links say."""

import os
import stat
from pathlib import Path

from harness.errors import UsageError

KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
DOCUMENT_BYTES_MOST = 64 * 10**6
"""A hundred times that of a run of all plans."""


def content(served: Path, file: Path, *, most: int = DOCUMENT_BYTES_MOST) -> bytes:
    """All of it; raises UsageError that says why it cannot be served."""
    with os.fdopen(_opened(served, file), "rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        if size > most:
            raise UsageError(f"{file.name} has {size / 1e6:.0f} MB; at most {most / 1e6:.0f} are read")
        return opened.read(most)


def part(served: Path, file: Path, offset: int, most: int) -> bytes:
    """What stands from that byte on, at most so many; nothing where there is no file. Raises UsageError."""
    try:
        descriptor = _opened(served, file)
    except FileNotFoundError:
        return b""
    with os.fdopen(descriptor, "rb") as opened:
        opened.seek(offset)
        return opened.read(most)


def _opened(served: Path, file: Path) -> int:
    """A descriptor of a regular file below `served`.

    Each folder on the way is opened within the one before, and none through a link: between looking and opening,
    nothing can be put in its place. No kind of file makes it wait. Raises FileNotFoundError, else UsageError.
    """
    try:
        names = file.resolve(strict=True).relative_to(served).parts
        folder = os.open(served, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for name in names[:-1]:
            folder = _below(folder, name, os.O_DIRECTORY)
        descriptor = _below(folder, names[-1] if names else ".", os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError) as error:
        raise UsageError(
            f"{file.name} cannot be opened: {getattr(error, 'strerror', None) or 'a loop of links'}"
        ) from None
    except ValueError:
        raise UsageError(f"{file.name} lies outside the served folder") from None
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind != stat.S_IFREG:
        os.close(descriptor)
        raise UsageError(f"{file.name} is no file that can be read, but {KINDS.get(kind, 'something else')}")
    return descriptor


def _below(folder: int, name: str, flags: int) -> int:
    """Open `name` in that folder, which is closed."""
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)
    finally:
        os.close(folder)

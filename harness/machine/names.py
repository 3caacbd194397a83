"""Whether there is something of a name that a user gave: any text may be one, also what no file can be called."""

from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether there is anything; False for a name that is too long, or in a folder that cannot be entered."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether it is a folder."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_file(path: Path) -> bool:
    """Whether it is a regular file."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False

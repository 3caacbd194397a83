"""The user's own modules that this process has imported: where something is said in them, and their fingerprint."""

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from harness.jobs.importing import is_of_the_user, shown

SOURCE_MOST = 4 * 2**20
"""Bytes of a module that are read."""


def theirs(also: str = "") -> Iterator[tuple[ModuleType, Path]]:
    """Each of them with its file, by name. `also`: a package that may be an installed one."""
    for module in sorted(sys.modules.values(), key=lambda module: str(getattr(module, "__name__", ""))):
        file = getattr(module, "__file__", None)
        named = getattr(module, "__name__", "__main__") != "__main__"
        if not (named and isinstance(file, str) and file.endswith(".py")):
            continue
        if is_of_the_user(file) or module.__name__.partition(".")[0] == also:
            yield module, Path(file)


def where_said(names: Iterable[str], first: Iterable[ModuleType] = ()) -> str:
    """`FILE, line N` of the first line with one of these names, in those modules first; empty if in none."""
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    files = {file: None for module in first if (file := getattr(module, "__file__", None)) and is_of_the_user(file)}
    for file in dict.fromkeys([*map(Path, files), *(file for _, file in theirs())]):
        for number, line in enumerate(_source(file).decode("utf-8", "replace").splitlines(), 1):
            if named.search(line.partition("#")[0]):
                return f"{shown(str(file))}, line {number}"
    return ""


def fingerprint(module_name: str) -> str:
    """Of the source of all of them, wherever they lie: the same on two machines that have imported the same.

    `module_name`: of the task, whose package may be installed.
    """
    digest = hashlib.sha256()
    for module, file in theirs(also=module_name.partition(".")[0]):
        digest.update(f"{module.__name__}\0".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(_source(file)).digest())
    return digest.hexdigest()[:16]


def _source(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(SOURCE_MOST)
    except OSError:  # it has gone since
        return b""

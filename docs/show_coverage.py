"""Shows how much of each room the tests execute, from what `make coverage` has written.

    .venv/bin/python -m docs.show_coverage build/coverage/coverage.json

There is no threshold: a line that a test executes may still be wrong. A low figure says where nobody looks.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from docs.show_house import PACKAGES, layers, room

Files = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Path → `summary` → `num_statements` and `covered_lines`, as `coverage json` writes them."""


def where(path: str) -> str:
    """The room of the harness in which a file lies, or its package."""
    module = ".".join(PurePosixPath(path).with_suffix("").parts)
    return room(module) or module.partition(".")[0]


def text(files: Files, order: list[str]) -> str:
    """Rooms in their order, then the other packages, then all; those without a statement are left out."""
    statements: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    for path, measured in files.items():
        for name in (where(path), "all"):
            statements[name] += measured["summary"]["num_statements"]
            covered[name] += measured["summary"]["covered_lines"]
    shown = [name for name in dict.fromkeys([*order, *sorted(statements.keys() - {"all"}), "all"]) if statements[name]]
    lines = [f"{name:14}{statements[name]:8,}{covered[name] / statements[name]:9.0%}" for name in shown]
    return "\n".join([f"{'':14}{'lines':>8}{'executed':>9}", *lines])


def main(document: str) -> None:
    """Print it."""
    files = json.loads(Path(document).read_text("utf-8"))["files"]
    print(text(files, [*layers(), *PACKAGES]))


if __name__ == "__main__":
    main(sys.argv[1])

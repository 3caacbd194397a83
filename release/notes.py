"""The section of CHANGELOG.md of a version: `python3 -m release.notes 1.2.3`. Exit 1 if there is none."""

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def section(version: str, changelog: str) -> str | None:
    """What stands below its dated heading, `## 1.0.0 (2026-11-26)`; None if there is none."""
    return _below(rf"{re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", changelog)


def unreleased(changelog: str) -> str | None:
    """What no version has yet; None where that is nothing."""
    return _below("Unreleased", changelog)


def _below(heading: str, changelog: str) -> str | None:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() or None if found else None


def main(version: str) -> None:
    """Print it."""
    notes = section(version, CHANGELOG.read_text("utf-8"))
    if notes is None:
        sys.exit(f"CHANGELOG.md has no section '## {version} (YYYY-MM-DD)' with text.")
    sys.stdout.write(f"{notes}\n")


if __name__ == "__main__":
    main(sys.argv[1])

"""Writes the section on deviations of `docs/method.md` from their definition: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

PAGE = Path(__file__).with_name("method.md")
sys.path.insert(0, str(PAGE.parents[1]))

from harness.report.deviations import as_markdown  # noqa: E402  # found by the line above

BEGIN = "<!-- deviations: written by `make docs` -->\n"
END = "<!-- end of the deviations -->\n"


def page() -> str:
    """The whole page."""
    before, begin, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE}: the lines {BEGIN.strip()} and {END.strip()} are missing")
    return f"{before}{BEGIN}\n{as_markdown()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

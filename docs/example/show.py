"""Puts the first screen of a run into the README: `python docs/example/show.py RUN` (see `make example`)."""

import re
import sys
from pathlib import Path

from harness.report.formats.terminal import opening
from harness.report.report import build
from harness.results import store

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- example: written by `make example` -->", "<!-- end of the example -->"
COLUMNS = 100


def main(run: Path) -> None:
    """Write the section."""
    results = store.read(run)
    report = build(results)
    day = results.run.started.partition("T")[0]
    lines = [
        BEGIN,
        "",
        f"`{results.run.command}`, {day}, {report.environment[0].partition(';')[0]} "
        "([the whole report](docs/example/report.md)):",
        "",
        "```",
        opening(report, COLUMNS),
        "```",
        "",
        END,
    ]
    text = README.read_text("utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    README.write_text(pattern.sub(lambda _: "\n".join(lines), text), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

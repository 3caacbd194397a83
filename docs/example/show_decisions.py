"""Puts the cards of three decisions into `docs/decide.md`: `python docs/example/show_decisions.py HTTP SQL COMPUTING`.

Each argument is the folder of a run (see `make example-decisions`).
"""

import re
import sys
from pathlib import Path

from harness.report.formats.terminal import card_text
from harness.report.report import build
from harness.results import store

PAGE = Path(__file__).resolve().parents[1] / "decide.md"
BEGIN, END = "<!-- examples: written by `make example-decisions` -->", "<!-- end of the examples -->"
TITLES = ("An HTTP job", "A database job", "A job of 30 % computing")


def main(runs: list[Path]) -> None:
    """Write the section."""
    parts = [part for title, run in zip(TITLES, runs, strict=True) for part in _example(title, run)]
    text = PAGE.read_text("utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    PAGE.write_text(pattern.sub(lambda _: "\n".join([BEGIN, "", *parts, END]), text), "utf-8")


def _example(title: str, run: Path) -> list[str]:
    """The command, the machine and its load, and the card."""
    results = store.read(run)
    report = build(results)
    if report.card is None:
        raise SystemExit(f"{run} is no run of workbench decide")
    day = results.run.started.partition("T")[0]
    about = f"`{results.run.command}`, {day}. {report.environment[0]}."
    return [f"### {title}", "", about, "", "```", card_text(report.card), "```", ""]


if __name__ == "__main__":
    main([Path(run) for run in sys.argv[1:]])

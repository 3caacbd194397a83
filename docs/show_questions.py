"""Writes the README's table of questions from `docs/questions.md`, which has commands and minutes: `make docs`."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "README.md"
QUESTIONS = Path(__file__).with_name("questions.md")
BEGIN, END = "<!-- questions: written by `make docs` -->\n", "<!-- end of the questions -->\n"
QUESTION = re.compile(
    r"^## (\d+\. (.*))\n\n```\n(.*)\n```\n\n(\d+) minutes?(, estimated)?(?:.|\n)*?^\*\*In short:\*\* (.*)\.$",
    re.MULTILINE,
)


def page() -> str:
    """The whole README."""
    before, begin, rest = README.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{README}: the lines {BEGIN.strip()} and {END.strip()} are missing")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def table() -> str:
    """A row for each question."""
    rows = ["| question | command | minutes (~ estimated) | seen here |", "| --- | --- | ---: | --- |"]
    for heading, question, command, minutes, estimated, seen in QUESTION.findall(QUESTIONS.read_text("utf-8")):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        about = f"{'~' if estimated else ''}{minutes} | {seen}"
        rows.append(f"| [{question}](docs/questions.md#{anchor}) | `{command}` | {about} |")
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    README.write_text(page(), "utf-8")

"""markdown: tables that render on code-hosting sites."""

import re
from itertools import pairwise

from harness.format import Format
from harness.model import Results
from harness.report import Table, build


class Markdown(Format):
    """GitHub-flavoured Markdown."""

    summary = "tables for documents and code-hosting sites"

    def render(self, results: Results) -> str:
        """Answer, tables, environment."""
        report = build(results)
        parts = [f"# {escaped(report.title)}", "## The answer", *(f"- {escaped(line)}" for line in report.answer)]
        parts += [text for table in report.tables for text in (f"## {escaped(table.title)}", self._table(table))]
        parts += ["## How to read it", *(f"- {escaped(line)}" for line in report.reading)]
        parts += ["## Environment", *(f"- {escaped(line)}" for line in report.environment)]
        return _joined(parts)

    def _table(self, table: Table) -> str:
        heading = _line([column.heading for column in table.columns])
        rule = _line(["---:" if column.numeric else "---" for column in table.columns])
        rows = [_line([escaped(text) for text in table.cells(row)]) for row in table.rows]
        notes = [f"- {escaped(note)}" for note in table.notes]
        return "\n".join([f"*{escaped(table.about)}*", "", heading, rule, *rows, "", *notes])


def escaped(text: str) -> str:
    """Text from results shows as itself: no markup, no HTML, one line."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", " ".join(text.split()))


def _line(texts: list[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def _joined(parts: list[str]) -> str:
    """Blank lines between blocks; items of one list stay together."""
    text = parts[0]
    for before, part in pairwise(parts):
        text += ("\n" if before.startswith("- ") and part.startswith("- ") else "\n\n") + part
    return text + "\n"


REPORT = Markdown()

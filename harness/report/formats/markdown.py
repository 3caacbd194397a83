"""markdown: tables that render on code-hosting sites."""

import re
from itertools import pairwise

from harness.report.formats.format import ReportFormat
from harness.report.table import Card, Report, Table


class Markdown(ReportFormat):
    """GitHub-flavoured Markdown."""

    summary = "tables for documents and code-hosting sites"

    def show(self, report: Report) -> str:
        """Answer, tables, environment."""
        parts = [f"# {escaped(report.title)}"]
        parts += _card(report.card) if report.card else []
        parts += ["## The answer", *(f"- {escaped(line)}" for line in report.answer)] if report.answer else []
        for section in report.sections:
            parts += [f"## {escaped(section.title)}", *([f"*{escaped(section.about)}*"] if section.about else [])]
            parts += [table_of(table) for table in section.tables]
        parts += ["## How to read it", *(f"- {escaped(line)}" for line in report.reading)] if report.reading else []
        parts += ["## Environment", *(f"- {escaped(line)}" for line in report.environment)]
        return _joined(parts)


def _card(card: Card) -> list[str]:
    rows = [_line([escaped(text) for text in line]) for line in card.lines]
    figures = "\n".join([_line([escaped(head) for head in card.heads]), _line(["---"] * 3), *rows])
    parts = [f"## {escaped(card.title)}", figures]
    for heading, texts in card.parts:
        parts += [f"### {escaped(heading)}", *(f"- {escaped(text)}" for text in texts)]
    return parts


def table_of(table: Table) -> str:
    """A table with its title and its notes."""
    heading = _line([escaped(column.heading) for column in table.columns])
    rule = _line(["---:" if column.numeric else "---" for column in table.columns])
    rows = [_line([escaped(text) for text in table.cells(row)]) for row in table.rows]
    about = f": {escaped(table.about)}" if table.about else ""
    notes = "".join(f"\n- {escaped(note.text)}" for note in table.notes)
    return "\n".join([f"**{escaped(table.title)}**{about}", "", heading, rule, *rows]) + (notes and f"\n{notes}")


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


FORMAT = Markdown()

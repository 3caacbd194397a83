"""terminal: tables as wide as the terminal allows; wider ones are cut into parts, each with its contender."""

import io
import os
import sys
import textwrap

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from harness.report.formats.format import ReportFormat
from harness.report.report import build
from harness.report.table import Card, Column, Report, Table
from harness.results.model import Results
from harness.results.text import printable

WIDTH_UNKNOWN = 160
CARD_WIDTH = 80
KEYS = ("mark", "rung", "contender", "slots", "load")
"""Columns that every part of a table begins with."""
COLOURS = {"asyncio": "cyan", "celery": "green"}
WRAPPED = 40
"""Width that a text in several lines has at the least."""
STYLES = {"note": "dim", "doubt": "yellow", "error": "red"}


class Terminal(ReportFormat):
    """Rich tables; colours only on a terminal."""

    summary = "tables in the terminal"

    def show(self, report: Report) -> str:
        """Tables first, the answer last, where the eye is when the run ends."""
        tty = sys.stdout.isatty()
        width = os.get_terminal_size(sys.stdout.fileno()).columns if tty else WIDTH_UNKNOWN
        out = io.StringIO()
        console = Console(file=out, width=max(width, 60), force_terminal=tty, highlight=False)
        if report.card is not None:
            console.print(_text(card_text(report.card)))
        for section in report.sections:
            shown = [table for table in section.tables if not table.detail]
            if shown:
                console.print()
                console.print(_text(section.title, "bold"), _text(f"  {section.about}", "dim"))
            for table in shown:
                self._print(console, table, titled=len(shown) > 1)
        console.print()
        for line in (*report.reading, *report.environment):
            console.print(_text(line, "dim"))
        if report.answer:
            console.print()
            console.print(Text("The answer", style="bold"))
            for line in report.answer:
                console.print(_text(f"• {line}"))
        return out.getvalue()

    def first_screen(self, results: Results) -> str:
        """What is printed after a run: its card if it has one, else everything."""
        report = build(results)
        return self.show(report) if report.card is None else card_text(report.card)

    def _print(self, console: Console, table: Table, *, titled: bool) -> None:
        if titled:
            console.print(_text(table.title, "bold"), _text(table.about, "dim"))
        for columns in _parts(table, console.width):
            console.print(_rich(table, columns))
        for note in table.notes:
            console.print(_text(f"  {note.text}", STYLES[note.kind]))


def card_text(card: Card) -> str:
    """The card as plain text of at most 80 columns."""
    rows = [card.heads, *card.lines]
    first, second = (max(len(row[column]) for row in rows) + 2 for column in (0, 1))
    lines = [f"Celery or asyncio? {card.title}", ""]
    lines += [f"{name:<{first}}{base:<{second}}{other}".rstrip() for name, base, other in rows]
    for heading, texts in card.parts:
        lines += ["", heading]
        for text in texts:
            lines += textwrap.wrap(printable(text), CARD_WIDTH, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(lines)


def _text(text: str, style: str = "") -> Text:
    """Whatever it holds: neither Rich's markup nor a terminal's commands."""
    return Text(printable(text), style=style)


def _parts(table: Table, width: int) -> list[list[Column]]:
    """The table's columns, in as many parts as the width needs."""
    shown = {
        column.key: max(len(column.heading), *(len(texts[index]) for texts in map(table.cells, table.rows))) + 2
        for index, column in enumerate(table.columns)
    }
    shown |= {column.key: min(shown[column.key], WRAPPED) for column in table.columns if column.wraps}
    keys = [column for column in table.columns if column.key in KEYS]
    keys_width = sum(shown[column.key] for column in keys) + 1
    parts: list[list[Column]] = [[]]
    used = keys_width
    for column in table.columns:
        if column in keys:
            continue
        if used + shown[column.key] > width and parts[-1]:
            parts.append([])
            used = keys_width
        parts[-1].append(column)
        used += shown[column.key]
    return [[*keys, *part] for part in parts]


def _rich(table: Table, columns: list[Column]) -> RichTable:
    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        drawn.add_column(_text(column.heading), justify="right" if column.numeric else "left", no_wrap=not column.wraps)
    for row in table.rows:
        texts = [column.text(row.values.get(column.key)) for column in columns]
        drawn.add_row(*(_text(text) for text in texts), style=COLOURS.get(row.side, ""))
    return drawn


FORMAT = Terminal()

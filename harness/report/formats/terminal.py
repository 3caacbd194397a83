"""terminal: the answer first and last; tables that fit the width by leaving out columns, the least important first."""

import io
import os
import shutil
import sys
from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from harness.report.answers import profile
from harness.report.card.shape import Card, SizeCard
from harness.report.formats.format import ReportFormat
from harness.report.printed.first import print_first_screen
from harness.report.printed.style import GAP, STYLES, colour_of, text_of
from harness.report.report import build
from harness.report.table import Column, Report, Row, Section, Table
from harness.report.words.glossary import words_of
from harness.report.wrapping import spaced, wrapped
from harness.results.model import Results
from harness.results.text import printable

WIDTH_UNKNOWN = 100
WIDTH_LEAST = 60
CARD_WIDTH = 80
KEYS = ("mark", "rung", "workload", "contender", "slots", "load")
"""Columns that every part of a table begins with, where all columns are shown."""
WRAPPED = 40
"""Width that a text in several lines has at the least where all columns are shown."""
NARROW = 18
"""The same where columns are left out."""


class Terminal(ReportFormat):
    """Rich tables; colours only on a terminal."""

    summary = "tables in the terminal"

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose

    def show(self, report: Report) -> str:
        """The first screen, the tables, how to read them, and the answer again, where the eye is when the run ends."""
        out = io.StringIO()
        console = Console(file=out, width=width(), force_terminal=sys.stdout.isatty(), highlight=False)
        if report.card is None:
            print_first_screen(console, report)
        else:
            console.print(text_of(card_text(report.card)))
            console.print()
        left_out = False
        for section in report.sections:
            left_out |= self._section(console, section)
        for note in report.shared:
            if self._verbose or not note.detail:
                console.print(text_of(note.text, STYLES[note.kind]))
        for line in (*report.reading, *report.environment) if self._verbose else report.environment:
            console.print(text_of(line, "dim"))
        if not self._verbose:
            more = "All columns, stages, costs and notes" if left_out else "How to read it, stages and costs"
            such = ", ".join(word.name for word in words_of(report.first))
            words = f"workbench explain WORD{f', such as {such}' if such else ''}"
            console.print(text_of(f"{more}: --verbose, or report.html. Words: {words}.", "dim"))
        for line in report.answer if self._verbose else ():
            console.print(text_of(f"• {line}"))
        console.print(Text("\n") + text_of(report.headline, "bold"))
        return spaced(out.getvalue())

    def first_screen(self, results: Results) -> str:
        """What is printed after a run: its card if it has one, else everything."""
        report = build(results)
        if report.card is None or self._verbose:
            return self.show(report)
        return "\n".join([card_text(report.card), *_wrapped(profile.sentences(results)), ""])

    def _section(self, console: Console, section: Section) -> bool:
        """Print its tables; returns whether something of them was left out."""
        shown = [table for table in section.tables if self._verbose or not (table.detail or section.detail)]
        if not shown:
            return bool(section.tables)
        console.print(text_of(section.title, "bold"))
        if section.about and (self._verbose or all(table.about == section.about for table in shown)):
            console.print(text_of(section.about, "dim"))
        for table in shown:
            if len(shown) > 1 and table.key != "results":
                about = table.about if table.about != section.about else ""
                console.print(
                    *(text_of(each, style) for each, style in ((table.title, "bold"), (about, "dim")) if each)
                )
            for columns in _parts(table, console.width) if self._verbose else [_fitting(table, console.width)]:
                console.print(_rich(table, columns, whole=self._verbose))
            for line, style in _notes(table, verbose=self._verbose):
                console.print(text_of(f"  {line}", style))
            console.print()
        return True


def opening(report: Report, columns: int) -> str:
    """The first screen alone, without colours: for documents."""
    out = io.StringIO()
    print_first_screen(Console(file=out, width=columns, highlight=False), report)
    return "\n".join(line.rstrip() for line in spaced(out.getvalue()).splitlines()).strip()


def card_text(card: Card | SizeCard) -> str:
    """The card as plain text of at most 80 columns."""
    rows: list[tuple[str, ...]] = [card.heads, *card.lines]
    widths = [max(map(len, column)) + GAP for column in zip(*rows, strict=True)]
    lines = [f"{card.question} {card.title}", *wrapped(card.headline, CARD_WIDTH)]
    lines += [*wrapped(f"How sure: {card.sure}.", CARD_WIDTH), ""] if card.sure else [""]
    lines += ["".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for heading, texts in ((heading, texts) for heading, texts in card.parts if texts):
        lines += ["", heading]
        for text in texts:
            lines += wrapped(text, CARD_WIDTH, first="- ", later="  ")
    return printable("\n".join(lines))


def _wrapped(sentences: Iterable[str]) -> Iterator[str]:
    """Below a card: where the CPU of its rows goes, if they were sampled."""
    for sentence in sentences:
        yield ""
        yield from wrapped(printable(sentence), CARD_WIDTH)


def width() -> int:
    """Columns of the terminal, also of one that COLUMNS tells of in a pipe."""
    columns = shutil.get_terminal_size((WIDTH_UNKNOWN, 24)).columns if sys.stdout.isatty() else _of_a_pipe()
    return max(columns, WIDTH_LEAST)


def _of_a_pipe() -> int:
    text = os.environ.get("COLUMNS", "")
    return int(text) if text.isdecimal() and len(text) < len("10000") and int(text) else WIDTH_UNKNOWN


def _notes(table: Table, *, verbose: bool) -> Iterator[tuple[str, str]]:
    """What stands under a table: everything; or errors and notes that are no detail, doubts standing first already."""
    for note in table.notes:
        if verbose or not (note.detail or note.kind == "doubt"):
            yield note.text, STYLES[note.kind]


def _widths(table: Table, wrapped: int) -> dict[str, int]:
    """How wide each column is; one whose text may be set in several lines, that much at the most."""
    widths = {}
    for column in table.columns:
        texts = [column.text_in(row) for row in table.rows]
        widest = max(len(column.heading), *map(len, texts)) if texts else len(column.heading)
        widths[column.key] = min(widest, wrapped) if column.wraps else widest
    return widths


def _fitting(table: Table, columns: int) -> list[Column]:
    """What is shown at first sight, less the least important columns until it fits."""
    widths = _widths(table, NARROW)
    kept = list(table.brief)
    for column in reversed(table.ranked()[1:]):
        if sum(widths[each.key] + GAP for each in kept) - GAP <= columns:
            break
        kept.remove(column)
    return kept


def _parts(table: Table, columns: int) -> list[list[Column]]:
    """All columns, in as many parts as the width needs; each begins with what names its rows."""
    widths = {key: value + GAP for key, value in _widths(table, WRAPPED).items()}
    keys = [column for column in table.columns if column.key in KEYS]
    keys_width = sum(widths[column.key] for column in keys)
    parts: list[list[Column]] = [[]]
    used = keys_width
    for column in table.columns:
        if column in keys:
            continue
        if used + widths[column.key] > columns and parts[-1]:
            parts.append([])
            used = keys_width
        parts[-1].append(column)
        used += widths[column.key]
    return [[*keys, *part] for part in parts]


def _rich(table: Table, columns: list[Column], *, whole: bool) -> RichTable:
    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP - 1, 0, 0), show_edge=False)
    for column in columns:
        fixed = not column.wraps and (whole or len(columns) > 1)
        drawn.add_column(
            text_of(column.heading), justify="right" if column.numeric else "left", no_wrap=fixed, overflow="fold"
        )
    for row in table.rows:
        drawn.add_row(*(text_of(text) for text in _texts(columns, row)), style=colour_of(row.side))
    return drawn


def _texts(columns: list[Column], row: Row) -> list[str]:
    return [column.text_in(row) for column in columns]


FORMAT = Terminal()
VERBOSE = Terminal(verbose=True)
"""All columns, all tables, all notes."""

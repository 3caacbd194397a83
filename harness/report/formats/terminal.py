"""terminal: the answer first and last; tables that fit the width by leaving out columns, the least important first."""

import io
import math
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from harness.report.answers import profile
from harness.report.card.shape import Card, SizeCard
from harness.report.first.screen import FirstScreen, OverviewRow, Tile
from harness.report.formats.format import ReportFormat
from harness.report.report import build
from harness.report.table import Column, Report, Row, Section, Table
from harness.report.wrapping import kept_together, spaced, wrapped
from harness.results.model import Results
from harness.results.text import printable

WIDTH_UNKNOWN = 100
WIDTH_LEAST = 60
CARD_WIDTH = 80
KEYS = ("mark", "rung", "workload", "contender", "slots", "load")
"""Columns that every part of a table begins with, where all columns are shown."""
COLOURS = {"asyncio": "cyan", "celery": "green"}
WRAPPED = 40
"""Width that a text in several lines has at the least where all columns are shown."""
NARROW = 18
"""The same where columns are left out."""
GAP = 2
STYLES = {"note": "dim", "doubt": "yellow", "error": "red"}
BAR = 19
"""Characters of a ratio's axis."""
BAR_FROM = 100
"""Columns that a terminal has where the axis is drawn."""
BAR_REACH = 16.0
"""The ratio at its ends."""


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
            _first_screen(console, report)
        else:
            console.print(_text(card_text(report.card)))
            console.print()
        left_out = False
        for section in report.sections:
            left_out |= self._section(console, section)
        for note in report.shared:
            if self._verbose or not note.detail:
                console.print(_text(note.text, STYLES[note.kind]))
        for line in (*report.reading, *report.environment) if self._verbose else report.environment:
            console.print(_text(line, "dim"))
        if not self._verbose:
            more = "All columns, stages, costs and notes" if left_out else "How to read it, stages and costs"
            console.print(
                _text(f"{more}: --verbose, or report.html. What a word means: workbench explain WORD.", "dim")
            )
        for line in report.answer if self._verbose else ():
            console.print(_text(f"• {line}"))
        console.print(Text("\n") + _text(report.headline, "bold"))
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
        console.print(_text(section.title, "bold"))
        if section.about and (self._verbose or all(table.about == section.about for table in shown)):
            console.print(_text(section.about, "dim"))
        for table in shown:
            if len(shown) > 1 and table.key != "results":
                about = table.about if table.about != section.about else ""
                console.print(*(_text(each, style) for each, style in ((table.title, "bold"), (about, "dim")) if each))
            for columns in _parts(table, console.width) if self._verbose else [_fitting(table, console.width)]:
                console.print(_rich(table, columns, whole=self._verbose))
            for line, style in _notes(table, verbose=self._verbose):
                console.print(_text(f"  {line}", style))
            console.print()
        return True


def opening(report: Report, columns: int) -> str:
    """The first screen alone, without colours: for documents."""
    out = io.StringIO()
    _first_screen(Console(file=out, width=columns, highlight=False), report)
    return "\n".join(line.rstrip() for line in spaced(out.getvalue()).splitlines()).strip()


def card_text(card: Card | SizeCard) -> str:
    """The card as plain text of at most 80 columns."""
    rows: list[tuple[str, ...]] = [card.heads, *card.lines]
    widths = [max(map(len, column)) + GAP for column in zip(*rows, strict=True)]
    lines = [f"{card.question} {card.title}", *wrapped(card.headline, CARD_WIDTH), ""]
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


def _first_screen(console: Console, report: Report) -> None:
    first = report.first
    console.print(_text(report.title, "dim"))
    console.print(_text(first.headline, "bold"))
    console.print()
    for one in first.outcomes:
        console.print(Text("• ") + _text(one.contender, "bold") + _text(f" ({one.promise}): {one.text}."))
    if first.outcomes:
        console.print()
    if first.told:
        console.print(_overview(first, console.width))
    if why := first.why_no_speeds:
        console.print(_text(why, "dim"))
    if first.tiles:
        if [row.name for row in first.overview[:1]] != [first.tiles_of]:
            console.print(_text(first.tiles_of, "dim"))
        console.print(_tiles(first.tiles))
    for line in first.findings:
        console.print(_text(f"• {line}"))
    for note in first.doubts:
        console.print(_text(f"! {note.text}", STYLES[note.kind]))
    console.print()


def _tiles(tiles: Sequence[Tile]) -> RichTable:
    """A row for each contender, with what each tile says of it."""
    drawn = RichTable(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    drawn.add_column("", overflow="fold")
    for tile in tiles:
        drawn.add_column(_text(tile.title), justify="right", no_wrap=True)
    for of_one in zip(*(tile.figures for tile in tiles), strict=True):
        drawn.add_row(*map(_text, (of_one[0].label, *(figure.text for figure in of_one))), style=_side(of_one[0].side))
    return drawn


def _side(side: str) -> str:
    return COLOURS.get(side, "")


def _overview(first: FirstScreen, columns: int) -> RichTable:
    """A row for each comparison: who is faster, an axis around 1, who needs less CPU."""
    pair = first.comparing
    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP - 1, 0, 0), show_edge=False)
    drawn.add_column(_text("" if pair is None else f"{pair[0]} : {pair[1]}"), overflow="fold")
    speeds = any(row.speed.standing != "untold" for row in first.overview)
    axis = speeds and columns >= BAR_FROM and any(row.speed.drawn for row in first.overview)
    if speeds:
        drawn.add_column(_text("faster"), overflow="fold")
    if axis and pair is not None:
        left, right = pair[1][: BAR // 2 - 2], pair[0][: BAR // 2 - 2]
        drawn.add_column(_text(f"← {left}".ljust(BAR // 2) + f"1 {right} →"), no_wrap=True)
    elif axis:
        drawn.add_column(_text("1".center(BAR)), no_wrap=True)
    if first.costs:
        drawn.add_column(_text("less CPU a request"), overflow="fold")
    for row in first.overview:
        texts = [row.name, *([row.speed_text] if speeds else []), *([_bar(row)] if axis else [])]
        texts += [row.cpu_text or "–"] if first.costs else []
        drawn.add_row(*map(_text, texts), style=_colour(row))
    return drawn


def _colour(row: OverviewRow) -> str:
    if row.doubts or row.speed.standing not in ("first", "second"):
        return "dim"
    return _side((row.first if row.speed.standing == "first" else row.second).side)


def _bar(row: OverviewRow) -> str:
    """The interval and the ratio on a log axis whose middle is 1: the first of the two to the right."""
    if row.speed.ratio is None:
        return ""

    def place(ratio: float) -> int:
        part = math.log(min(max(ratio, 1 / BAR_REACH), BAR_REACH)) / math.log(BAR_REACH)
        return round((BAR - 1) / 2 * (1 + part))

    cells = [" "] * BAR
    cells[BAR // 2] = "│"
    low, high = row.speed.interval or (row.speed.ratio, row.speed.ratio)
    for at in range(place(low), place(high) + 1):
        cells[at] = "─" if at != BAR // 2 else "┼"
    cells[place(row.speed.ratio)] = "●"
    return "".join(cells)


def _notes(table: Table, *, verbose: bool) -> Iterator[tuple[str, str]]:
    """What stands under a table: everything; or errors and notes that are no detail, doubts standing first already."""
    for note in table.notes:
        if verbose or not (note.detail or note.kind == "doubt"):
            yield note.text, STYLES[note.kind]


def _text(text: str, style: str = "") -> Text:
    """Whatever it holds: neither Rich's markup nor a terminal's commands."""
    return Text(kept_together(printable(text)), style=style)


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
            _text(column.heading), justify="right" if column.numeric else "left", no_wrap=fixed, overflow="fold"
        )
    for row in table.rows:
        drawn.add_row(*(_text(text) for text in _texts(columns, row)), style=_side(row.side))
    return drawn


def _texts(columns: list[Column], row: Row) -> list[str]:
    return [column.text_in(row) for column in columns]


FORMAT = Terminal()
VERBOSE = Terminal(verbose=True)
"""All columns, all tables, all notes."""

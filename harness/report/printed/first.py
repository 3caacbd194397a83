"""The first screen in a terminal."""

import math
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from harness.report.first.crash_matrix import CrashMatrix
from harness.report.first.screen import Effect, FirstScreen, OverviewRow, Tile
from harness.report.printed.style import GAP, STYLES, colour_of, text_of
from harness.report.table import Report
from harness.report.wrapping import wrapped, wrapped_at

WHO_FROM = 2
"""With no more rows than these, tiles name the contenders."""
BAR = 19
"""Characters of a ratio's axis."""
BAR_FROM = 100
"""Columns that a terminal has where the axis is drawn."""
BAR_REACH = 16.0
"""The ratio at its ends."""
NAME_MOST = 28
"""Characters of a contender in a line of the table of crashes."""
CELL_STYLES = {"broken": "red", "lost": "yellow", "untried": "dim"}


def print_first_screen(console: Console, report: Report) -> None:
    """Title, headline, how sure it is, then what the run has of crashes, comparisons, tiles, findings and doubts."""
    first = report.first
    console.print(text_of(report.title, "dim"))
    console.print(text_of(first.headline, "bold"))
    for question, text in first.certainty.parts:
        console.print(text_of(f"{question}: {text}."))
    console.print()
    if first.crashes:
        _crashes(console, first.crashes)
    if first.told:
        console.print(_overview(first, console.width))
        if first.who and len(first.overview) > WHO_FROM:
            console.print(text_of(f"Compared: {first.who}.", "dim"))
    if why := first.why_no_speeds:
        console.print(text_of(why, "dim"))
    if first.tiles:
        if [row.name for row in first.overview[:1]] != [first.tiles_of]:
            console.print(text_of(first.tiles_of, "dim"))
        console.print(_tiles(first.tiles, console.width))
    for line in first.findings:
        console.print(text_of(f"• {line}"))
    for note in first.doubts:
        console.print(text_of(f"! {note.text}", STYLES[note.kind]))
    console.print()


def _crashes(console: Console, matrices: Sequence[CrashMatrix]) -> None:
    """A table for each side; a line for each contender where one would be too wide."""
    for matrix in matrices:
        drawn = _matrix(matrix, console.width)
        if drawn is not None:
            console.print(drawn)
        else:
            for row in matrix.rows:
                console.print(text_of(f"• {matrix.sentence(row)}", STYLES["error"] if row.broken else ""))
    about = [matrix.about for matrix in matrices if matrix.about]
    console.print(text_of(" ".join([matrices[0].defined, *about]), "dim"))
    console.print()


def _matrix(matrix: CrashMatrix, columns: int) -> RichTable | None:
    """Names break at their + and -, so that they leave room for what was seen; None where it is not enough."""
    heads = [fault.replace("-", "-\n").replace(", ", ",\n") for fault in matrix.faults]
    names = ["\n".join(wrapped_at(row.contender, "+", NAME_MOST)) for row in matrix.rows]
    promises = ["\n".join(wrapped(row.promise, NAME_MOST, first="  ", later="  ")) for row in matrix.rows]
    cells = [["\n".join(cell.parts) for cell in row.cells] for row in matrix.rows]
    widths = [_widest([*names, *promises]), *map(_widest, zip(heads, *cells, strict=True))]
    if not heads or sum(widths) + GAP * len(heads) > columns:
        return None
    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP - 1, 0, 0), show_edge=False)
    drawn.add_column(text_of(matrix.name), no_wrap=True)
    for head in heads:
        drawn.add_column(text_of(head), no_wrap=True, justify="right")
    for row, name, promise, texts in zip(matrix.rows, names, promises, cells, strict=True):
        said = text_of(f"{name}\n", colour_of(row.side)) + text_of(promise, STYLES["error"] if row.broken else "dim")
        styles = [CELL_STYLES.get(cell.kind, "") for cell in row.cells]
        drawn.add_row(said, *map(text_of, texts, styles))
    return drawn


def _widest(texts: Sequence[str]) -> int:
    return max(len(line) for text in texts for line in text.split("\n"))


def _tiles(tiles: Sequence[Tile], columns: int) -> RichTable:
    """A row for each contender, with what each tile says of it: as much of that as there is room for."""
    labels = [figure.label for figure in tiles[0].figures]
    for spread, marked in ((True, True), (False, True), (False, False)):
        heads = [tile.head if marked else tile.title for tile in tiles]
        texts = [[figure.whole if spread else figure.text for figure in tile.figures] for tile in tiles]
        widths = [
            max(map(len, column)) for column in (labels, *([head, *of] for head, of in zip(heads, texts, strict=True)))
        ]
        if sum(widths) + GAP * len(tiles) <= columns:
            break
    drawn = RichTable(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    drawn.add_column("", overflow="fold")
    for head in heads:
        drawn.add_column(text_of(head), justify="right", no_wrap=True)
    for figure, *of_one in zip(tiles[0].figures, *texts, strict=True):
        drawn.add_row(*map(text_of, (figure.label, *of_one)), style="dim" if figure.doubted else colour_of(figure.side))
    return drawn


def _overview(first: FirstScreen, columns: int) -> RichTable:
    """A row for each comparison: who is faster, an axis around 1, who needs less CPU."""
    pair = first.comparing
    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP - 1, 0, 0), show_edge=False)
    drawn.add_column(text_of("" if pair is None else f"{pair[0]} : {pair[1]}"), overflow="fold")
    speeds = any(row.speed.standing != "untold" for row in first.overview)
    axis = columns >= BAR_FROM and any(effect.drawn for row in first.overview if (effect := _drawn(row, speeds)))
    heads = [*([first.head("faster")] if speeds else []), *([first.head("less CPU a request")] if first.costs else [])]
    drawn.add_column(text_of(heads[0]), overflow="fold")
    if axis:
        fits = pair is not None and max(map(len, pair)) <= BAR // 2 - 2
        right, left = pair if pair is not None and fits else ("first", "second")
        drawn.add_column(text_of(f"← {left}".ljust(BAR // 2) + f"1 {right} →"), no_wrap=True)
    for head in heads[1:]:
        drawn.add_column(text_of(head), overflow="fold")
    for row in first.overview:
        told = [*([row.speed_text] if speeds else []), *([row.cpu_text or "–"] if first.costs else [])]
        texts = [first.said(text) for text in told]
        texts.insert(1, _bar(_drawn(row, speeds)) if axis else "")
        drawn.add_row(
            *map(
                text_of,
                (
                    f"{row.name} ⚠ {row.doubted}" if row.doubts else row.name,
                    *(texts if axis else [texts[0], *texts[2:]]),
                ),
            ),
            style=_colour(row, speeds),
        )
    return drawn


def _drawn(row: OverviewRow, speeds: bool) -> Effect | None:
    """What the axis shows: the speed, or the CPU where no row has a speed."""
    return row.speed if speeds else row.cpu


def _colour(row: OverviewRow, speeds: bool) -> str:
    effect = _drawn(row, speeds)
    if row.doubts or effect is None or effect.standing not in ("first", "second"):
        return "dim"
    return colour_of((row.first if effect.standing == "first" else row.second).side)


def _bar(effect: Effect | None) -> str:
    """The interval and the ratio on a log axis whose middle is 1: the first of the two to the right.

    An arrow where the interval goes on beyond it.
    """
    if effect is None or not effect.ratio:
        return ""

    def place(ratio: float) -> int:
        part = math.log(min(max(ratio, 1 / BAR_REACH), BAR_REACH)) / math.log(BAR_REACH)
        return round((BAR - 1) / 2 * (1 + part))

    cells = [" "] * BAR
    cells[BAR // 2] = "│"
    low, high = effect.interval or (effect.ratio, effect.ratio)
    for at in range(place(low), place(high) + 1):
        cells[at] = "─" if at != BAR // 2 else "┼"
    cells[0] = "◄" if low < 1 / BAR_REACH else cells[0]
    cells[-1] = "►" if high > BAR_REACH else cells[-1]
    cells[place(effect.ratio)] = "●"
    return "".join(cells)

"""All workloads of a run by all of its contenders, each by the figure that it is about."""

from collections.abc import Iterable

from harness.report.doubted import MARK, in_a_sentence, kinds_of
from harness.report.leading import lead_of
from harness.report.table import BLANK, Column, Note, Row, Section, Table, Value, number
from harness.results.model import Cell, Results

LEAST = 3
"""So many workloads make a matrix."""
INSTEAD = 6
"""With so many, it stands for the tables of single workloads where there is little room."""
DIGITS, DECIMALS = 3, 3
PREFIX = "celery-"
TITLE = "Every workload by the figure that it is about"
ABOUT = "one row a workload; less is better, except of what is counted by the second; drift is best near 0"
Rows = dict[str, dict[str, Cell]]
"""Workload → contender → its cell."""


def sections(document: Results) -> Iterable[Section]:
    """One, if each contender has one row of each workload; else none."""
    rows = _rows(document)
    if len(rows) < LEAST:
        return
    cells = [cell for of_workload in rows.values() for cell in of_workload.values()]
    yield Section(title=TITLE, about=ABOUT, tables=[_table(rows, cells)])


def stands_for_tables(document: Results) -> bool:
    """Whether a run has so many workloads that their tables are detail."""
    return len(_rows(document)) >= INSTEAD


def _rows(document: Results) -> Rows:
    """Empty where a contender has several rows of a workload, or where there is a single contender."""
    shown = {view.name for view in document.run.views if view.rung is None}
    rows: Rows = {}
    for cell in document.cells:
        if shown & set(cell.views) and not cell.profiled:
            if cell.name in rows.setdefault(cell.workload, {}):
                return {}
            rows[cell.workload][cell.name] = cell
    return rows if max(map(len, rows.values()), default=0) > 1 else {}


def _table(rows: Rows, cells: list[Cell]) -> Table:
    names = list(dict.fromkeys(cell.name for cell in cells))
    return Table(
        key="matrix",
        title=TITLE,
        about=ABOUT,
        columns=(
            Column("workload", "workload", rank=1),
            Column("measure", "by", wraps=True, rank=2),
            *(Column(name, _heading(name, names), rank=3 + place) for place, name in enumerate(names)),
        ),
        rows=[_row(workload, of_workload) for workload, of_workload in rows.items()],
        notes=list(_notes(cells)),
    )


def _heading(name: str, names: list[str]) -> str:
    """`threads` for `celery-threads`, unless that is another contender's name."""
    short = name.removeprefix(PREFIX)
    return name if short in names else short


def _row(workload: str, of_workload: dict[str, Cell]) -> Row:
    lead = lead_of(workload)
    values: dict[str, Value] = {"workload": workload, "measure": f"{lead.measure.name}, {lead.unit}"}
    return Row(values | {name: _figure(cell) for name, cell in of_workload.items()})


def _figure(cell: Cell) -> str:
    mean = lead_of(cell.workload).of_cell(cell) if cell.status == "measured" else None
    if mean is None:
        return BLANK
    return number(mean.value, DIGITS, DECIMALS) + (MARK if kinds_of([cell]) else "")


def _notes(cells: list[Cell]) -> Iterable[Note]:
    if doubts := in_a_sentence(cells):
        yield Note(f"{MARK} a doubt weighs on it.{doubts}")
    without = [cell for cell in cells if cell.status != "measured"]
    for cell in without:
        yield Note(f"{BLANK} {cell.workload}, {cell.label}: {cell.status}", "error")

"""A row of a disturbed machine has its doubt in the place of a figure; a run of such rows is left out."""

import msgspec
import pytest

from harness.report.board.board import Entry, board_of, report_of
from harness.report.board.disturbed import disturbed, undisturbed
from harness.report.board.verifying import NotPublished, published
from harness.results.model import Cell, Doubt, Results


def noisy(cell: Cell) -> Cell:
    """The row, with a doubt of its first trial."""
    doubt = Doubt(kind="noisy-machine", text="others", advice="none")
    first, *others = cell.trials
    return msgspec.structs.replace(cell, trials=[msgspec.structs.replace(first, doubts=[doubt]), *others])


def calm(cell: Cell) -> Cell:
    """The row, without a doubt."""
    trials = [msgspec.structs.replace(trial, doubts=[]) for trial in cell.trials]
    assert cell.summary
    return msgspec.structs.replace(cell, trials=trials, summary=msgspec.structs.replace(cell.summary, doubts=[]))


def with_noise(document: Results, rows: int) -> Results:
    """The document with doubts in so many of its rows, and in no other."""
    cells = [noisy(cell) if place < rows else cell for place, cell in enumerate(map(calm, document.cells))]
    return msgspec.structs.replace(document, cells=cells)


def test_a_doubt_stands_in_the_place_of_its_rows_figure(measured: Results) -> None:
    """The others are shown, and compared with each other."""
    document = published(with_noise(measured, 1))
    assert disturbed(document) == {"0": "noisy-machine"}
    report = report_of(board_of([("a", Entry("a", "a machine", document))]))
    (row, *_), table = report.tables[0].rows, report.tables[0]
    shown = dict(zip([column.title for column in table.columns], table.cells(row), strict=True))
    assert shown["asyncio:16"] == "noisy-machine"
    assert shown["celery-prefork:16"][0].isdigit()
    compared = {label for one in undisturbed(document).comparisons for label in (one.base, one.contender)}
    assert "celery-threads:16" in compared
    assert "asyncio:16" not in compared
    assert document.cells[0].summary is not None  # whoever reads the document has its figures


def test_more_disturbed_rows_than_others_are_a_disturbed_run(brief: Results) -> None:
    """With how many, and by what; half of them are none."""
    published(with_noise(brief, 1))
    with pytest.raises(NotPublished, match=r"2 of 2 rows are disturbed: noisy-machine \(2\)"):
        published(with_noise(brief, 2))


def test_the_floor_is_no_row_of_the_board(measured: Results) -> None:
    """Its rows are calculated with, and not shown."""
    floor = [place for place, cell in enumerate(measured.cells) if cell.views == ["floor"]]
    cells = [noisy(cell) if place in floor else calm(cell) for place, cell in enumerate(measured.cells)]
    assert floor
    assert disturbed(msgspec.structs.replace(measured, cells=cells)) == {}

"""The columns by which a table tells its cells apart."""

from harness.report.table import Column, Value
from harness.results.model import Cell

IDENTITY_COLUMNS = (
    Column("contender", "contender", rank=1, identifies=True),
    Column("slots", "slots", digits=6, rank=9, identifies=True),
    Column("load", "load", rank=3, telling="varying", identifies=True),
)
"""What every table of cells begins with."""


def identity(cell: Cell) -> dict[str, Value]:
    """The cell's values of these columns."""
    return {
        "contender": cell.name,
        "slots": cell.slots if cell.slots is not None else "none",
        "load": cell.load.text,
    }

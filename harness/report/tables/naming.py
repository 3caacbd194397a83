"""One file a table; `harness/report/report.py` puts them together."""

from harness.report.table import Column, Value
from harness.results.model import Cell

NAME_COLUMNS = (Column("contender", "contender"), Column("slots", "slots", digits=6), Column("load", "load"))
"""What every table of cells begins with."""


def named(cell: Cell) -> dict[str, Value]:
    """Their values."""
    return {
        "contender": cell.name,
        "slots": cell.slots if cell.slots is not None else "none",
        "load": cell.load.text,
    }

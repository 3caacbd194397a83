"""What a workload itself measures, besides rates and latencies."""

from collections.abc import Iterable

from harness.report.table import Column, Row, Table, Value, mean
from harness.report.tables.identity import IDENTITY_COLUMNS, identity
from harness.results.model import Cell, View
from harness.statistics.units import named_with_unit


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One column per measure, in their order; its mean over the trials, or its text where all agree."""
    cells = [cell for group in gathered for cell in group if any(trial.extra for trial in cell.counted)]
    keys = list(dict.fromkeys(key for cell in cells for trial in cell.counted for key in trial.extra))
    if keys:
        yield Table(
            key="measures",
            title="Figures of the workload",
            about="what this workload measures in addition to rates and latencies; means over rounds",
            columns=(*IDENTITY_COLUMNS, *map(_column, keys)),
            rows=[Row({**identity(cell), **{key: _value(cell, key) for key in keys}}, cell.side) for cell in cells],
            notes=[],
        )


def _column(key: str) -> Column:
    title, unit = named_with_unit(key)
    return Column(key, title, unit, 4)


def _value(cell: Cell, key: str) -> Value:
    values = [trial.extra[key] for trial in cell.trials if trial.status == "measured" and key in trial.extra]
    if values and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return values[0] if len(set(values)) == 1 else mean(values)
    return ", ".join(dict.fromkeys(map(str, values))) or None

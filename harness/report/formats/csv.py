"""csv: tidy, one row per trial, units in the headings: for spreadsheets and data frames."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec

from harness.report.formats.format import Format
from harness.results.model import Cell, Results, Trial
from harness.results.text import readable
from harness.statistics.units import unit_suffix

FIRST = ("run", "started", "workload", "side", "contender", "tuning", "slots", "drivers", "load", "views", "floor")
LEFT_OUT = {"histograms", "timeline", "doubts", "failures", "usage", "extra", "drivers"}
"""Of a trial, what is no single value, or is spread otherwise."""
SPREAD = {
    "latency_ms",
    "uncorrected_ms",
    "stages_ms",
    "makespan_ms",
    "machine",
    "served",
    "loop_lag_ms",
    "busy",
    "shares",
}
"""What has a column for each of its parts, and none of its own."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet would execute."""


class Csv(Format):
    """One row per trial; unknown values are empty."""

    summary = "one row per trial, for spreadsheets and data frames"

    def render(self, results: Results) -> str:
        """RFC 4180, with a line of headings."""
        return written(list(_rows(results)))


def written(rows: list[dict[str, Any]]) -> str:
    """These rows with a line of headings: what tells them apart first, then all of their keys."""
    columns = list(dict.fromkeys([*FIRST, *(key for row in rows for key in row)]))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writerow({column: _written(column) for column in columns})
    writer.writerows({key: _written(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _rows(results: Results) -> Iterator[dict[str, Any]]:
    for cell in results.cells:
        for trial in cell.trials:
            yield {"run": results.run.id, "started": results.run.started} | identity(cell) | _trial(trial)


def identity(cell: Cell) -> dict[str, Any]:
    """What a cell is; `floor` keeps apart what the run measured for the floor alone."""
    named = {
        "workload": cell.workload,
        "side": cell.side,
        "contender": cell.contender,
        "broker": cell.broker,
        "tuning": "; ".join(cell.tuning),
        "slots": cell.slots,
        "drivers": cell.drivers,
        "load": cell.load.text,
        "views": "; ".join(cell.views),
        "floor": cell.is_only_floor,
    }
    return named | {f"param_{key}": value for key, value in cell.params.items()}


def _trial(trial: Trial) -> dict[str, Any]:
    built = msgspec.to_builtins(trial)
    columns: dict[str, Any] = {}
    for key, value in built.items():
        if key not in LEFT_OUT and not (key in SPREAD and value is None):
            columns |= _spread(key, value)
    for role, usage in built["usage"].items():
        if role != "missing":
            columns |= _spread(role, usage)
    columns |= {f"extra_{key}": value for key, value in trial.extra.items()}
    return columns | {"doubts": "; ".join(doubt.kind for doubt in trial.doubts)}


def _spread(key: str, value: Any) -> dict[str, Any]:
    """A value of several parts as one column each: `latency_ms` of `p50` is `latency_p50_ms`."""
    if not isinstance(value, dict):
        return {key: value}
    unit = unit_suffix(key)
    stem = key.removesuffix(unit)
    nested = any(isinstance(inner, dict) for inner in value.values())
    spread: dict[str, Any] = {}
    for part, inner in value.items():
        if inner is None and nested:
            continue
        spread |= _spread(f"{stem}_{part.replace(' ', '_')}{unit}", inner)
    return spread


def _written(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe; nothing is left that a terminal obeys."""
    if not isinstance(value, str):
        return value
    return readable(f"'{value}" if value.startswith(FORMULA) else value)


FORMAT = Csv()

"""CSV: tidy, for spreadsheets and data frames."""

import csv
import io
from typing import Any

from harness import registry
from harness.results.model import Doubt, LoopLag, Machine, Results
from tests.builders import cell_of, results_of, stages_of, summarised, trial_of


def read(results: Results) -> list[dict[str, str]]:
    """As anybody reads it."""
    return list(csv.DictReader(io.StringIO(registry.load("format", "csv").render(results), newline="")))


def test_one_row_a_trial_with_units_in_the_headings() -> None:
    """What a trial does not know is empty, never 0; values of several parts have a column each."""
    rich: dict[str, Any] = {
        "stages_ms": stages_of(8.0),
        "loop_lag_ms": LoopLag(p50=0.1, p99=0.2, max=0.3),
        "loop_busy": 0.9,
        "loop_blocked": 0.8,
        "machine": Machine(seconds=1.0, cpus=2, others_cpu_s=0.5, steal_s=0.0),
        "extra": {"redelivered": 3},
        "doubts": [Doubt(kind="drifting", text="t", advice="a"), Doubt(kind="floor", text="t", advice="a")],
    }
    cell = cell_of(trials=[trial_of(1, **rich), trial_of(2, throughput_per_s=None)])
    first, second = read(results_of([cell]))
    assert (first["contender"], first["slots"], first["load"], first["param_seconds"]) == (
        "asyncio",
        "16",
        "closed:32",
        "0.05",
    )
    assert (first["throughput_per_s"], second["throughput_per_s"]) == ("100.0", "")
    assert (first["stages_execution_mean_ms"], second["stages_execution_mean_ms"]) == ("8.0", "")
    assert (first["loop_lag_p99_ms"], first["machine_others_cpu_s"]) == ("0.2", "0.5")
    assert (first["loop_busy"], first["loop_blocked"]) == ("0.9", "0.8")
    assert (first["driver_cpu_s"], first["extra_redelivered"]) == ("1.0", "3")
    assert first["doubts"] == "drifting; floor"
    assert not {"stages_ms", "loop_lag_ms", "histograms", "timeline"} & set(first)


def test_texts_that_a_spreadsheet_would_execute_are_made_text() -> None:
    """Numbers below zero stay numbers."""
    cell = cell_of(
        params={"text": "=1+1", "low": -5, "line": "\n=1", "wide": "＝1"},
        trials=[trial_of(status="failed", error='@SUM(A1)\n"quoted"')],
    )
    (row,) = read(results_of([cell]))
    assert row["param_text"] == "'=1+1"
    assert row["param_low"] == "-5"
    assert (row["param_line"], row["param_wide"]) == ("'\n=1", "'＝1")
    assert row["error"] == '\'@SUM(A1)\n"quoted"'


def test_a_run_without_trials_has_its_headings() -> None:
    """So that what reads it finds its columns."""
    headings = "run,started,workload,side,contender,tuning,slots,drivers,load,views"
    assert registry.load("format", "csv").render(results_of([])).startswith(headings)


def test_the_floor_is_told_apart() -> None:
    """What a run adds by itself is no row of its plan."""
    rows = read(results_of([cell_of(trials=[trial_of(1)]), cell_of(trials=[trial_of(1)], id="f", views=["floor"])]))
    assert [row["floor"] for row in rows] == ["False", "True"]


def test_the_summary_has_a_row_a_cell_with_the_ends_of_its_intervals() -> None:
    """Units in the headings; a cell without figures has its status."""
    cells = [
        summarised(cell_of(rates=[100.0, 102.0, 98.0])),
        cell_of("x", id="x", status="failed", reason="r", trials=[]),
    ]
    text = registry.load("format", "summary-csv").render(results_of(cells))
    measured, failed = csv.DictReader(io.StringIO(text, newline=""))
    assert float(measured["throughput_low_per_s"]) < float(measured["throughput_per_s"])
    assert float(measured["throughput_per_s"]) < float(measured["throughput_high_per_s"])
    assert measured["doubts"] == "too-few-rounds"
    assert (failed["status"], failed["throughput_per_s"]) == ("failed", "")

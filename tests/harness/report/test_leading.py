"""The figure that a workload is about comes first, in tables, charts, tiles and sentences."""

from typing import Any

import msgspec
import pytest

from harness import registry
from harness.report.charts.of_section import charts
from harness.report.leading import lead_of
from harness.report.report import build
from harness.results.model import Cell, Doubt, Failure, Results
from harness.statistics.comparisons import comparisons
from harness.statistics.metrics import BY_KEY
from harness.statistics.units import named_with_unit
from tests.builders import cell_of, results_of, summarised, trial_of, view_of
from workloads.workload import THROUGHPUT

NOISY = Doubt(kind="noisy-machine", text="others", advice="stop them")


def cell(contender: str, workload: str, key: str, values: list[float], **changes: Any) -> Cell:
    """A row of that workload with those figures of its own."""
    trials = [trial_of(number, 100.0, extra={key: value}, **changes) for number, value in enumerate(values, 1)]
    side: Any = contender.partition("-")[0]
    made = cell_of(contender, trials=trials, workload=workload, id=f"{workload}/{contender}", side=side, ideal_s=None)
    return summarised(made)


def late(**changes: Any) -> Results:
    """Two rows of `delayed`, late by 1 ms and by 4 ms."""
    cells = [
        cell("asyncio", "delayed", "late_ms", [0.9, 1.0, 1.1], **changes),
        cell("celery-threads", "delayed", "late_ms", [4.0, 4.1, 3.9]),
    ]
    return results_of(cells, comparisons=comparisons(cells, [view_of()]))


@pytest.mark.parametrize("name", registry.names("workload"))
def test_every_workload_says_what_it_is_about(name: str) -> None:
    """A figure that every trial has, or one of its own with a unit."""
    measure = registry.load("workload", name).is_about
    assert measure.key in BY_KEY or named_with_unit(measure.key)[1]
    assert lead_of(name).unit


def test_a_workload_that_nobody_knows_is_about_throughput() -> None:
    """A job of the user's own, or one of a later version."""
    assert lead_of("unknown").measure == THROUGHPUT


@pytest.mark.parametrize(
    ("workload", "key", "values", "interval"),
    [
        ("mix", "short_slowdown_times", [1.1, 1.1, 2.0], (1.0, 2.69)),
        ("rate_limited", "used_percent", [99.0, 99.0, 90.0], (83.1, 100.0)),
        ("http_fanout", "beyond_slowest_page_ms", [1.0, 1.0, 9.0], (0.0, 15.1)),
        ("delayed", "late_ms", [1.0, 1.0, 9.0], (-7.81, 15.1)),
    ],
)
def test_an_interval_ends_where_the_figure_cannot_be(
    workload: str, key: str, values: list[float], interval: tuple[float, float]
) -> None:
    """Nothing is slowed down to less than its own time; a timer may be early."""
    mean = lead_of(workload).of_cell(cell("asyncio", workload, key, values))
    assert mean is not None
    assert mean.interval == pytest.approx(interval, rel=0.01)


def test_a_figure_of_what_came_through_alone_is_none() -> None:
    """Where requests were refused, the others waited less."""
    refused = {"submitted": 200, "failed": 100, "failures": [Failure(kind="Refused", count=100, example="Refused: 4")]}
    assert lead_of("mix").of_cell(cell("asyncio", "mix", "short_slowdown_times", [1.1], **refused)) is None


def test_tables_begin_with_it() -> None:
    """With its interval, before throughput."""
    table = build(late()).sections[0].tables[0]
    headings = [column.heading for column in table.columns]
    assert headings.index("lateness ms") < headings.index("requests /s")
    assert "lateness ms" in [column.heading for column in table.brief]
    assert [row.values["lead"] for row in table.rows] == pytest.approx([1.0, 4.0])
    assert table.rows[0].values["lead_interval"] == "(0.752 … 1.25)"


def test_sentences_and_tiles_begin_with_it() -> None:
    """Whatever their rates are, these are not what it is about."""
    report = build(late())
    assert report.answer[0] == (
        "delayed, matched slots: lateness: asyncio:16 1.00 ms (0.752 to 1.25), celery-threads:16 4.00 ms "
        "(3.75 to 4.25)."
    )
    assert not any("throughput" in answer for answer in report.answer)
    assert report.first.tiles[0].title == "lateness"


def test_charts_begin_with_it() -> None:
    """One row a contender, with its trials."""
    first = next(charts(build(late()).sections[0]))
    assert (first.key, first.open) == ("leading-late_ms", True)
    means = [row["figure"] for row in first.spec["data"]["values"] if row["kind"] == "mean"]
    assert means == pytest.approx([1.0, 4.0])


def test_a_figure_may_be_below_0() -> None:
    """A drift: its interval is that of the figures, not of their logarithms."""
    lead = lead_of("periodic")
    mean = lead.of_cell(cell("asyncio", "periodic", "drift_percent", [-0.1, 0.0, 0.1]))
    assert mean is not None
    assert mean.value == pytest.approx(0.0)
    assert mean.interval == pytest.approx((-0.248, 0.248), abs=1e-3)
    assert lead.of_cell(cell("asyncio", "periodic", "another", [1.0])) is None


def test_a_doubt_is_told_wherever_the_row_is() -> None:
    """In the answer, the row of the overview, the headline's qualifiers, and beside charts."""
    doubted = late(doubts=[NOISY])
    report = build(doubted)
    assert all(answer.endswith("Doubts: noisy-machine (asyncio:16).") for answer in report.answer)
    assert all(row.doubts == ("noisy-machine",) for row in report.first.overview)
    assert "noisy-machine" in report.first.headline
    assert all("noisy-machine (asyncio:16)" in chart.about for chart in charts(report.sections[0]))


def catalogue(*workloads: str, twice: bool = False) -> Results:
    """A run of those workloads, each with two contenders."""
    cells = []
    for workload in workloads:
        key = registry.load("workload", workload).is_about.key
        cells.append(cell("asyncio", workload, key, [2.0, 2.0]))
        cells.append(cell("celery-threads", workload, key, [3.0, 3.0], doubts=[NOISY]))
    if twice:
        cells.append(msgspec.structs.replace(cells[0], id="again", slots=4))
    return results_of(cells)


def test_several_workloads_end_in_a_matrix_by_their_own_figures() -> None:
    """One row a workload, one column a contender; what is doubted is marked, and said below."""
    table = build(catalogue("delayed", "cancel", "download")).sections[-1].tables[0]
    assert table.key == "matrix"
    assert [table.cells(row) for row in table.rows] == [
        ["delayed", "lateness, ms", "2.00", "3.00?"],
        ["cancel", "time until a running job is stopped, ms", "2.00", "3.00?"],
        ["download", "data read and hashed, MiB/s", "2.00", "3.00?"],
    ]
    assert table.notes[0].text == "? a doubt weighs on it. Doubts: noisy-machine (celery-threads:16)."


def test_there_is_no_matrix_of_few_workloads_or_of_several_rows_each() -> None:
    """It would leave something out."""
    for results in (catalogue("delayed", "cancel"), catalogue("delayed", "cancel", "download", twice=True)):
        assert build(results).sections[-1].tables[0].key != "matrix"


def test_with_many_workloads_their_tables_are_detail() -> None:
    """The matrix has the figures in short."""
    few, many = ("delayed", "cancel", "download"), ("sleep", "noop", "pipeline")
    assert not any(section.detail for section in build(catalogue(*few)).sections)
    assert [section.detail for section in build(catalogue(*few, *many)).sections] == [True] * 6 + [False]

"""Metrics: each is defined once, and everything that compares or shows takes it from there."""

from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from harness import registry
from harness.cli.compare import CompareOptions
from harness.loads.open import Open
from harness.report import two_runs
from harness.report.tables import ladder, results
from harness.results.base import MetricKey
from harness.results.model import Cell, Usages
from harness.statistics.doubts import of_growth, of_rest
from harness.statistics.gates import parse
from harness.statistics.metrics import (
    BY_KEY,
    BY_SHORT,
    COMPARED,
    MEDIAN_LATENCY,
    METRICS,
    THROUGHPUT,
    Metric,
    memory_mb,
    ranked_by,
    rung_metrics,
)
from tests.builders import cell_of, latency_of, results_of, summarised, trial_of, usage_of


def opened() -> Cell:
    """A cell of an open load, which ranks latencies."""
    trials = [
        trial_of(n, 50.0, latency_ms=latency_of(10.0 + n), redis_commands=17.0, broker_messages=2.0)
        for n in range(1, 4)
    ]
    return summarised(cell_of(trials=trials, load=Open(50.0).describe()))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: str(metric.key))
def test_nothing_is_compared_of_a_trial_that_was_not_at_rest_or_lost_requests(metric: Metric) -> None:
    """The figures of a start, or of the few that came through, say nothing of the work."""
    usage = Usages(driver=usage_of(1.0))
    whole = trial_of(1, 50.0, latency_ms=latency_of(10.0), usage=usage, publish_per_s=9.0, cpu_s_per_1000=1.0)
    whole = msgspec.structs.replace(whole, redis_commands=17.0, broker_messages=2.0)
    lossy = msgspec.structs.replace(whole, submitted=1500, ok=122, lost=1378)
    starting = msgspec.structs.replace(whole, doubts=of_rest(False))
    assert metric.of_trial(whole) is not None
    assert metric.of_trial(lossy) is None
    assert metric.of_trial(starting) is None


def test_no_two_metrics_share_a_name() -> None:
    """Neither in documents, nor in gates and columns, nor in sentences."""
    for names in ([metric.key for metric in METRICS], [metric.short for metric in METRICS], [m.name for m in METRICS]):
        assert len(set(names)) == len(METRICS)


@pytest.mark.parametrize("name", ["throughput", "p50", "p99", "cpu", "memory"])
def test_gates_have_the_names_that_scripts_rely_on(name: str) -> None:
    """Renaming one breaks the CI of others."""
    assert parse(f"{name}:5%").metric in COMPARED


def test_help_and_docs_name_every_gate() -> None:
    """The command line starts without this module, so that its help cannot take them from here."""
    (option,) = get_type_hints(CompareOptions, include_extras=True)["fail_on"].__metadata__
    assert f"metrics {', '.join(BY_SHORT)}" in option.help
    ci = (Path(__file__).parents[3] / "docs" / "ci.md").read_text("utf-8")
    assert all(f"`{short}`" in ci for short in BY_SHORT)


def test_whatever_is_compared_has_a_gate_and_a_column() -> None:
    """In the table of results; a metric needs no second place."""
    columns = {column.key for column in results.COLUMNS}
    for metric in COMPARED:
        assert parse(f"{metric.short}:5%").metric is metric
        assert metric.short in columns


def test_every_metric_is_a_column_of_a_ladder() -> None:
    """By its name in sentences."""
    titles = {column.key: column.title for column in ladder.COLUMNS}
    assert {key: title for key, title in titles.items() if key in BY_KEY} == {m.key: m.name for m in METRICS}


def test_two_runs_have_a_table_for_each_metric_of_their_loads() -> None:
    """Under its name, with its unit."""
    document = results_of([opened()])
    tables = {table.key: table for table in two_runs.build(document, document).tables}
    assert list(tables) == [f"change-{metric.key}" for metric in COMPARED if metric is not THROUGHPUT]
    assert tables["change-latency_p50_ms"].title == "Median latency"
    assert [column.heading for column in tables["change-latency_p50_ms"].columns][3:5] == ["base ms", "new ms"]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.short)
def test_csv_has_a_column_of_the_same_key(metric: Metric) -> None:
    """But memory, which CSV has by role."""
    headings = registry.load("format", "csv").render(results_of([opened()])).splitlines()[0].split(",")
    assert metric.key in headings or metric.key == "memory_mb"


@pytest.mark.parametrize(
    ("key", "better", "above", "below"),
    [
        ("throughput_per_s", "higher", "faster", "slower"),
        ("latency_p99_ms", "lower", "slower", "faster"),
        ("memory_mb", "lower", "more", "less"),
    ],
)
def test_which_direction_is_better_and_what_it_is_called(key: str, better: str, above: str, below: str) -> None:
    """A rate, a latency, a cost."""
    assert BY_KEY[key].better == better
    assert BY_KEY[key].verdicts == (above, below)


def test_a_document_names_no_other_metrics() -> None:
    """One that is unknown is refused when the document is read."""
    assert get_args(MetricKey) == tuple(BY_KEY)


def test_a_latency_at_a_rate_that_was_not_sustained_is_unknown() -> None:
    """The throughput is not."""
    cell = opened()
    flooded = msgspec.structs.replace(cell.trials[0], doubts=of_growth(True, 50.0, 40.0))
    assert MEDIAN_LATENCY.of_trial(cell.trials[0]) == 11.0
    assert MEDIAN_LATENCY.of_trial(flooded) is None
    assert THROUGHPUT.of_trial(flooded) == 50.0
    flooded_cell = msgspec.structs.replace(cell, trials=[*cell.trials, flooded])
    assert MEDIAN_LATENCY.of_cell(flooded_cell) is None
    assert THROUGHPUT.of_cell(flooded_cell) == pytest.approx(50.0)


def test_a_cell_of_which_a_trial_lacks_the_metric_has_no_figures() -> None:
    """A mean of the others would be of other rounds."""
    assert THROUGHPUT.by_boot(cell_of(rates=[100.0, 110.0])) == [[100.0], [110.0]]
    assert THROUGHPUT.by_boot(cell_of(trials=[trial_of(1), trial_of(2, None)])) == []
    assert THROUGHPUT.estimated(cell_of(trials=[trial_of(1), trial_of(2, None)])) is None


def test_memory_is_that_of_driver_and_workers_and_unknown_where_one_is() -> None:
    """Workers that do not exist count nothing."""
    usage = trial_of().usage
    assert memory_mb(trial_of(usage=msgspec.structs.replace(usage, workers=usage_of(1.0, memory_mb=50.0)))) == 150.0
    assert memory_mb(trial_of()) == 100.0
    assert memory_mb(trial_of(usage=msgspec.structs.replace(usage, workers=usage_of(1.0, memory_mb=None)))) is None
    assert memory_mb(trial_of(usage=msgspec.structs.replace(usage, missing={"workers": "gone"}))) is None


def test_a_load_names_the_metrics_that_rank_it_and_those_of_a_rung() -> None:
    """One client alone shows latency and nothing else."""
    assert ranked_by(cell_of()) == [THROUGHPUT]
    assert [metric.short for metric in ranked_by(opened())] == ["p50", "p99"]
    assert [metric.short for metric in rung_metrics(opened())] == ["p50", "p99", "cpu", "memory"]
    alone = msgspec.structs.replace(cell_of(), load=msgspec.structs.replace(cell_of().load, text="closed:1"))
    assert rung_metrics(alone) == [MEDIAN_LATENCY]


def test_a_figure_below_0_is_none() -> None:
    """As a document that was changed may have it."""
    assert THROUGHPUT.of_trial(trial_of(1, -50.1)) is None
    assert THROUGHPUT.of_trial(trial_of(1, 0.0)) == 0.0

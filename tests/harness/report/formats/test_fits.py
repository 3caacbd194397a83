"""Tables of comparisons and of errors in a terminal of 80 columns: whole, and no line is longer."""

from collections.abc import Callable

import msgspec
import pytest

from harness.report import two_runs
from harness.report.formats import terminal
from harness.report.report import build
from harness.report.table import Report
from harness.statistics.comparisons import comparisons
from tests.browser.pages import doubtful_document
from tests.builders import cell_of, document_of, results_of, summarised, view_of

COLUMNS = 80


def compared() -> Report:
    """Two runs of the plan `quick`."""
    run = document_of("quick")
    return two_runs.build(run, run)


def failed() -> Report:
    """A run with errors of each kind."""
    return build(doubtful_document())


@pytest.mark.parametrize("made", [compared, failed], ids=lambda made: made.__name__)
def test_no_table_is_split(made: Callable[[], Report], monkeypatch: pytest.MonkeyPatch) -> None:
    """One rule under the headings of each, also where names and errors are long; contenders are whole."""
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    report = made()
    lines = terminal.FORMAT.show(report).splitlines()
    assert max(map(len, lines)) <= COLUMNS
    shown = [table for table in report.tables if not table.detail]
    assert shown
    rules = [line for line in lines if line.strip() and set(line.strip()) == {"─"}]
    assert len(rules) == len(shown) + bool(report.first.overview)
    for row in shown[0].rows:
        assert any(str(row.values["contender"]) in line for line in lines)


@pytest.mark.parametrize(
    ("first", "second", "axis"),
    [
        ("asyncio", "celery-threads", "← Celery 1 asyncio →"),
        ("celery-prefork", "celery-gevent", "← second 1 first →"),
    ],
)
def test_an_axis_names_its_ends_or_says_which_of_the_two_they_are(
    first: str, second: str, axis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is cut off may be that of both."""
    monkeypatch.setenv("COLUMNS", "120")
    rates = [200.0, 202.0, 198.0, 201.0, 199.0]
    cells = [
        summarised(cell_of(first, [2 * rate for rate in rates], id=first, side=first.partition("-")[0])),  # type: ignore[arg-type]
        summarised(cell_of(second, rates, id=second, side="celery")),
    ]
    view = view_of()
    made = results_of(cells, comparisons=comparisons(cells, [view]))
    document = msgspec.structs.replace(made, run=msgspec.structs.replace(made.run, views=[view]))
    assert axis in terminal.FORMAT.show(build(document))

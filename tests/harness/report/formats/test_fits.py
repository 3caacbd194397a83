"""Tables of comparisons and of errors in a terminal of 80 columns: whole, and no line is longer."""

from collections.abc import Callable

import pytest

from harness.report import two_runs
from harness.report.formats import terminal
from harness.report.report import build
from harness.report.table import Report
from tests.browser.pages import doubtful_document
from tests.builders import document_of

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

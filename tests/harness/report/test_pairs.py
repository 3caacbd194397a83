"""Which two of a group are compared, and at what cost that is found."""

import pytest

from harness.report import pairs
from harness.report.pairs import Pairs
from harness.results.model import Cell
from harness.statistics.groups import groups
from harness.statistics.metrics import Metric
from harness.statistics.ranking import leading
from tests.builders import document_of


def test_each_group_is_judged_a_fixed_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many groups a view has: once for who leads in most of them, and for itself."""
    document = document_of("catalogue")
    (view, *_) = document.run.views
    number = len(list(groups(document.cells, view)))
    judged: list[list[Cell]] = []

    def noted(cells: list[Cell], metric: Metric) -> Cell | None:
        judged.append(cells)
        return leading(cells, metric)

    monkeypatch.setattr(pairs, "leading", noted)
    assert len(list(Pairs(document, view))) > 5
    assert len(judged) <= 3 * number

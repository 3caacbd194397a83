"""Which two of a group are compared, and at what cost that is found."""

import pytest

from harness.report import pairs
from harness.report.pairs import Pairs
from harness.statistics.groups import groups
from tests.builders import document_of


def test_each_group_is_judged_a_fixed_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many groups a view has: once for who leads in most of them, and for itself."""
    document = document_of("catalogue")
    (view, *_) = document.run.views
    number = len(list(groups(document.cells, view)))
    judged: list[object] = []
    leading = pairs.leading
    monkeypatch.setattr(pairs, "leading", lambda *given: judged.append(given) or leading(*given))
    assert len(list(Pairs(document, view))) > 5
    assert len(judged) <= 3 * number

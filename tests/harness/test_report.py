"""The report: one definition, the same number in every format."""

from typing import Any

import pytest

from harness import registry
from harness.accounting import Floor, summary_of
from harness.compare import comparisons
from harness.fold import new_histogram
from harness.model import Cell, Results, Settings
from harness.report import build, number
from tests.builders import cell_of, results_of, trial_of, view_of

SETTINGS = Settings(asked={"slots": 16}, effective={"slots": 16})


def summarised(contender: str, rates: list[float], **changes: Any) -> Cell:
    """A cell with its summary."""
    histogram = new_histogram()
    histogram.record_value(10_000, 100)
    encoded = {"latency": histogram.encode().decode()}
    trials = [trial_of(n, rate, histograms=encoded) for n, rate in enumerate(rates, start=1)]
    summary = summary_of(trials, 320.0, SETTINGS, Floor(), is_floor=False)
    return cell_of(contender, trials=trials, summary=summary, id=contender, **changes)


def run_of(*cells: Cell) -> Results:
    """A document of those cells, compared."""
    return results_of(list(cells), comparisons=comparisons(list(cells), [view_of()]))


FIVE = [200.0, 202.0, 198.0, 201.0, 199.0]


def pair(rounds: int) -> Results:
    """Asyncio at twice the rate of celery-threads."""
    slower = [rate / 2 for rate in FIVE[:rounds]]
    return run_of(summarised("asyncio", FIVE[:rounds]), summarised("celery-threads", slower, side="celery"))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1234567.0, 4, "1,235,000"), (12.345, 3, "12.3"), (0.0123456, 3, "0.0123"), (0.99999, 3, "1.00"), (0, 3, "0")],
)
def test_numbers_are_written_to_significant_digits(value: float, digits: int, text: str) -> None:
    """Never in exponents."""
    assert number(value, digits) == text


def test_the_answer_names_side_factor_interval_and_cost() -> None:
    """In words, per workload and view."""
    (answer,) = build(pair(5)).answer
    for words in ("sleep", "asyncio:16 was faster", "celery-threads:16", "2.00 times", "95 % interval", "CPU", "MB"):
        assert words in answer
    assert "indicative" not in answer


def test_few_rounds_are_called_indicative() -> None:
    """In the answer, and as a doubt under the table."""
    report = build(pair(3))
    assert "indicative, 3 rounds" in report.answer[0]
    assert any("too-few-rounds" in note for note in report.tables[0].notes)


def test_the_best_is_marked_only_by_what_may_be_ranked() -> None:
    """★ with a verdict, ☆ without; nothing where intervals overlap or nothing is matched."""
    marks = [[row.values["mark"] for row in build(pair(n)).tables[0].rows] for n in (5, 3)]
    assert marks == [["★", ""], ["☆", ""]]
    equal = run_of(summarised("asyncio", FIVE), summarised("celery-threads", FIVE[::-1], side="celery"))
    assert [row.values["mark"] for row in build(equal).tables[0].rows] == ["", ""]


def test_every_format_shows_the_same_number() -> None:
    """As the table's definition writes it."""
    results = pair(5)
    texts = [registry.load("report", name).render(results) for name in ("terminal", "markdown")]
    table = build(results).tables[0]
    for row in table.rows:
        for text in table.cells(row):
            assert all(text.replace("celery-", "") in shown.replace("\\", "").replace("celery-", "") for shown in texts)


def test_markdown_escapes_what_results_say() -> None:
    """A contender with markup in its name shows as text."""
    results = run_of(summarised("<script>|*x*", FIVE))
    text = registry.load("report", "markdown").render(results)
    assert "<script>" not in text
    assert "\\<script\\>\\|\\*x\\*" in text


def test_a_disqualified_cell_is_shown_with_its_reason() -> None:
    """And without figures."""
    bad = cell_of("celery-threads", side="celery", status="disqualified", reason="a reply was wrong: 42", trials=[])
    report = build(run_of(summarised("asyncio", FIVE), bad))
    assert report.tables[0].rows[1].values["bottleneck"] == "disqualified"
    assert any("a reply was wrong: 42" in note for note in report.tables[0].notes)
    assert any("no figures for celery-threads:16 (disqualified)" in line for line in report.answer)

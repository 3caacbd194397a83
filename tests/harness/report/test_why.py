"""The limit of a rate is named by what moves it, with interval; else it is said that nothing did."""

import msgspec
import pytest

from harness.report.answers.why import sentences
from harness.report.first.of_run import first_screen
from harness.report.tables import ladder
from harness.report.tables.why import sections
from harness.results.model import Results, Rung, Trial, View
from harness.statistics.comparisons import comparisons
from tests.builders import cell_of, results_of, summarised, trial_of

TARGET = "sleep/celery-threads:16/closed:32"


def found(**ratios: float) -> Results:
    """A search whose changes multiplied the rate, by the limit that each looks for."""
    views, made = [], [summarised(cell_of("celery-threads", [100.0], side="celery", id=TARGET))]
    base = cell_of("celery-threads", side="celery", id="base", views=list(ratios), trials=trials_of(1.0))
    made.append(summarised(base))
    for limit, ratio in ratios.items():
        rung = Rung(base=("base",), gives_up="", unsafe=False, limit=limit, target=TARGET)
        views.append(View(name=f"more {limit}: {TARGET}", about="", matched="none", rung=rung))
        made.append(
            summarised(cell_of("celery-threads", side="celery", slots=20, id=limit, trials=trials_of(ratio), views=[]))
        )
    names = {limit: view.name for limit, view in zip(ratios, views, strict=True)}
    made = [
        msgspec.structs.replace(cell, views=list(names.values()) if cell.id == "base" else [names[cell.id]])
        if cell.id != TARGET
        else cell
        for cell in made
    ]
    results = results_of(made, comparisons=comparisons(made, views))
    return msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, views=views))


def trials_of(ratio: float) -> list[Trial]:
    """Five rounds that scatter by a thousandth."""
    return [trial_of(number, 100.0 * ratio * (1 + number / 1000)) for number in range(1, 6)]


def test_the_limit_is_what_moves_the_rate_most() -> None:
    """What moved it less, and what did not, stand behind it."""
    (answer,) = sentences(found(clients=1.0, slots=1.24, driver=1.1))
    assert answer.startswith(
        "Why no more, sleep, celery-threads:16, closed:32: slots: more slots (throughput 1.24 times as fast"
    )
    assert "so do, less, more driver (throughput 1.10 times as fast" in answer
    assert "not: more clients (throughput 1.00 times as fast" in answer


@pytest.mark.parametrize("ratio", [0.8, 1.0, 1.04])
def test_where_nothing_moves_it_that_is_said(ratio: float) -> None:
    """Less than two equal rows differ by is nothing, and neither is a rate that falls."""
    (answer,) = sentences(found(slots=ratio))
    assert "nothing of these moved it: more slots" in answer


def test_the_table_has_both_rates_and_the_verdict() -> None:
    """One section for the row; it is no ladder."""
    results = found(clients=1.0, slots=1.25)
    (section,) = sections(results)
    (table,) = section.tables
    rows = {row.values["change"]: row.values for row in table.rows}
    assert list(rows) == ["more slots", "more clients"]
    assert (rows["more slots"]["verdict"], rows["more clients"]["verdict"]) == ("yes", "no")
    assert rows["more slots"]["after"] == pytest.approx(125, rel=0.01)
    assert list(ladder.sections(results)) == []


def test_too_few_rounds_are_undecided() -> None:
    """Neither named nor ruled out."""
    results = found(slots=1.25)
    undecided = [msgspec.structs.replace(effect, verdict=None) for effect in results.comparisons]
    (answer,) = sentences(msgspec.structs.replace(results, comparisons=undecided))
    assert "undecided: more slots" in answer


def test_the_first_screen_says_what_limits_the_row() -> None:
    """Where nothing else is compared: the change that moves its rate most, by how much, and what is not decided."""
    screen = first_screen(found(slots=1.25, clients=1.0))
    assert screen.headline == (
        "sleep: celery-threads:16 is limited by slots; with more slots, throughput 1.25 times as fast."
    )
    assert screen.certainty.use.endswith("more slots: it moves the rate most")
    assert "more slots 1.2" in screen.certainty.sure


def test_a_limit_that_was_not_found_is_named_by_no_change() -> None:
    """Undecided is not the same as none."""
    none = found(slots=1.0)
    assert first_screen(none).headline.startswith("sleep: celery-threads:16 is limited by nothing that was tried")
    undecided = [msgspec.structs.replace(effect, verdict=None) for effect in none.comparisons]
    screen = first_screen(msgspec.structs.replace(none, comparisons=undecided))
    assert screen.headline.startswith("sleep: undecided what limits celery-threads:16")
    assert screen.certainty.use == "not decided by this run"

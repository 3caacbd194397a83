"""The results of a run as they grow."""

from typing import Any

import msgspec
import pytest

from harness.loads.load import parse_load
from harness.plan.floor import ALONE, VIEW
from harness.recording.hdr import Histogram
from harness.results.decision import MOST
from harness.results.model import Cell, Decision, Doubt, HighestRate, Results, Trial
from harness.session.document import Document, all_left_out, succeeded
from tests.builders import cell_of, results_of, trial_of, view_of
from tests.harness.session.doubles import wrong_trial


def pending(identity: str, **changes: Any) -> Cell:
    """A cell without trials."""
    return msgspec.structs.replace(cell_of(), id=identity, trials=[], status="pending", **changes)


def measured(round_number: int = 1, rate: float = 100.0, **changes: Any) -> Trial:
    """A trial with its histograms."""
    histogram = Histogram()
    histogram.record(10_000, 100)
    encoded = {"latency": histogram.encode()}
    return trial_of(round_number, rate, histograms=encoded, **changes)


def document_of(*cells: Cell) -> tuple[Document, list[Results]]:
    """A document of these cells, and what was saved of it."""
    saved: list[Results] = []
    return Document(results_of(list(cells)), saved.append), saved


def test_a_document_is_saved_at_once_and_after_every_trial() -> None:
    """What was saved last is always what there is."""
    document, saved = document_of(pending("a"))
    assert len(saved) == 1
    document.add_trial("a", measured())
    assert len(saved) == 2
    assert saved[-1] is document.results
    assert [trial.round for trial in document.cell("a").trials] == [1]
    assert document.cell("a").status == "measured"


def test_a_run_that_leaves_out_every_row_says_why_and_once() -> None:
    """What can be measured, or has still to be, is reason enough for a run."""
    out = [msgspec.structs.replace(pending(name), status="skipped", reason="no RabbitMQ") for name in "ab"]
    other = msgspec.structs.replace(pending("c"), status="not_supported", reason="no gevent")
    assert all_left_out(results_of([*out, other])) == "nothing was measured: no RabbitMQ; no gevent"
    assert all_left_out(results_of([*out, pending("d")])) is None
    assert all_left_out(results_of([])) is None


def test_a_trial_belongs_to_one_cell() -> None:
    """Others stay as they are, in their order."""
    document, _ = document_of(pending("a"), pending("b"))
    document.add_trial("b", measured())
    assert [(cell.id, cell.status) for cell in document.results.cells] == [("a", "pending"), ("b", "measured")]


@pytest.mark.parametrize(
    ("trials", "status", "reason"),
    [
        (["failed"], "failed", "broke"),
        (["failed", "measured"], "measured", None),
        (["measured", "failed"], "measured", None),
        (["measured", "disqualified", "measured"], "disqualified", "a wrong reply"),
    ],
)
def test_one_wrong_reply_disqualifies_and_one_measured_trial_measures(
    trials: list[str], status: str, reason: str | None
) -> None:
    """A cell has failed where all of its trials have."""
    made = {
        "failed": trial_of(1, None, status="failed", error="broke"),
        "measured": measured(),
        "disqualified": wrong_trial(),
    }
    document, _ = document_of(pending("a"))
    for name in trials:
        document.add_trial("a", made[name])
    assert (document.cell("a").status, document.cell("a").reason) == (status, reason)


def test_the_floor_of_a_contender_is_in_the_summaries_of_its_other_cells() -> None:
    """Whichever was measured first; another contender's is none of theirs."""
    alone = parse_load(ALONE[1], "the test").describe()
    floor = pending("floor", workload=ALONE[0], load=alone, views=[VIEW])
    document, _ = document_of(pending("a"), floor, pending("b", contender="asyncio-uvloop"))
    document.add_trial("a", measured())
    document.add_trial("b", measured())
    document.add_trial("floor", measured())
    floors = {cell.id: cell.summary.floor_ms for cell in document.results.cells if cell.summary is not None}
    assert floors == {"a": 10.0, "floor": 10.0, "b": None}


def test_comparisons_follow_the_trials() -> None:
    """Of contenders that both have one."""
    document, _ = document_of(pending("a"), pending("b", contender="asyncio-uvloop", side="celery"))
    document.add_trial("a", measured())
    assert document.results.comparisons == []
    document.add_trial("b", measured())
    assert document.results.comparisons != []


def test_a_cell_that_begins_again_has_no_trials_and_another_load() -> None:
    """What was measured at another rate is not shown."""
    document, saved = document_of(pending("a"))
    document.add_trial("a", measured())
    document.begin_again("a", parse_load("open:50/s", "the test").describe())
    cell = document.cell("a")
    assert (cell.trials, cell.summary, cell.status, cell.load.text) == ([], None, "pending", "open:50/s")
    assert saved[-1] is document.results


def rate_of(status: Any) -> HighestRate:
    """What a search has found."""
    return HighestRate(
        limit="p99<250ms", status=status, rate_per_s=None, failed_per_s=1.0, why="too slow", limited_by=None, probes=[]
    )


def test_a_search_that_found_no_rate_fails_its_cell_with_the_reason() -> None:
    """One that is still under way does not."""
    document, _ = document_of(pending("a"))
    document.note_rate("a", rate_of("searching"))
    assert document.cell("a").status == "pending"
    document.note_rate("a", rate_of("not_found"))
    assert (document.cell("a").status, document.cell("a").reason) == ("failed", "no rate for p99<250ms: too slow")


def test_a_view_that_is_added_has_known_cells_and_new_ones() -> None:
    """Trials of those that are known stay."""
    document, _ = document_of(pending("a"), pending("b"))
    document.add_trial("a", measured())
    document.add_view(view_of(name="together"), ["a", "c"], [pending("c", views=["together"])])
    views = {cell.id: cell.views for cell in document.results.cells}
    assert views == {"a": ["matched slots", "together"], "b": ["matched slots"], "c": ["together"]}
    assert [view.name for view in document.results.run.views] == ["matched slots", "together"]
    assert len(document.cell("a").trials) == 1


def test_a_view_that_is_measured_in_parts_is_one() -> None:
    """Its tables would stand there twice otherwise."""
    document, _ = document_of(pending("a"), pending("b"))
    document.add_view(view_of(name="full"), ["a"], [])
    document.add_view(view_of(name="full"), ["a", "b"], [])
    assert [view.name for view in document.results.run.views] == ["matched slots", "full"]
    assert [cell.views for cell in document.results.cells] == [["matched slots", "full"]] * 2


def test_a_document_that_is_finished_says_how_and_when() -> None:
    """And is saved."""
    document, saved = document_of(pending("a"))
    document.finish("interrupted")
    assert saved[-1].run.status == "interrupted"
    assert saved[-1].run.finished is not None


def test_a_run_succeeds_where_every_request_was_answered_well() -> None:
    """What was skipped or cannot be done is no failure."""
    good = cell_of(rates=[100.0])
    assert succeeded(results_of([good]))
    skipped = msgspec.structs.replace(pending("b"), status="skipped")
    unsupported = msgspec.structs.replace(pending("c"), status="not_supported")
    assert succeeded(results_of([good, skipped, unsupported]))


def test_a_run_whose_time_was_up_is_judged_by_what_it_measured() -> None:
    """Rows that it did not come to are no failure; nothing measured is one."""
    good, pending = cell_of(rates=[100.0]), cell_of(status="pending")
    up = results_of([good, pending])
    up = msgspec.structs.replace(up, run=msgspec.structs.replace(up.run, time_up=True))
    assert succeeded(up)
    assert not succeeded(results_of([good, pending]))
    assert not succeeded(msgspec.structs.replace(up, cells=[pending]))


@pytest.mark.parametrize(
    "bad",
    [
        pending("b"),
        cell_of(trials=[trial_of(ok=99, lost=1)]),
        cell_of(trials=[trial_of(), trial_of(2, None, status="failed", error="broke")]),
        cell_of(trials=[wrong_trial()], status="disqualified"),
        cell_of(trials=[trial_of(doubts=[Doubt(kind="not-all-ok", text="in the warm-up", advice="look")])]),
    ],
)
def test_one_cell_with_a_request_that_was_not_makes_a_run_fail(bad: Cell) -> None:
    """Wherever that request was due; and one that was never measured."""
    assert not succeeded(results_of([cell_of(rates=[100.0]), bad]))


def test_a_disturbed_trial_is_kept_and_counts_nowhere() -> None:
    """Not in the summary, not in the status, not in whether the run succeeded: the one that replaces it does."""
    document, _ = document_of(pending("a"))
    document.add_trial("a", measured(rate=10.0, status="disturbed", error="others used 60 % of the cores"))
    assert (document.cell("a").status, document.cell("a").summary) == ("pending", None)
    document.add_trial("a", measured(rate=100.0))
    cell = document.cell("a")
    assert [trial.status for trial in cell.trials] == ["disturbed", "measured"]
    assert [trial.status for trial in cell.counted] == ["measured"]
    assert (cell.status, cell.summary and cell.summary.trials) == ("measured", 1)
    assert succeeded(document.results)


def test_what_a_decision_had_no_time_for_is_no_failure() -> None:
    """A cell that it did not come to, or a highest rate that it did not find; in other runs both are."""
    measured = cell_of(rates=[100.0])
    pending = msgspec.structs.replace(cell_of(), id="pending", status="pending", trials=[])
    searched = msgspec.structs.replace(cell_of(), id="most", views=[MOST], status="failed", trials=[])
    results = results_of([measured, pending, searched])
    decided = msgspec.structs.replace(results.run, decision=Decision(job="sleep"))
    assert succeeded(msgspec.structs.replace(results, run=decided))
    assert not succeeded(results)
    failed = msgspec.structs.replace(cell_of(), id="failed", status="failed", trials=[])
    assert not succeeded(msgspec.structs.replace(results, run=decided, cells=[measured, failed]))

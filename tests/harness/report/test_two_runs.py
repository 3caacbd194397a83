"""The comparison of two runs as a report: its answer, and what differs otherwise."""

from typing import Any

import msgspec

from harness.report.formats.markdown import FORMAT
from harness.report.two_runs import build
from harness.results.model import Doubt, Results
from harness.statistics.gates import judge, parse
from harness.statistics.two_runs import changes
from tests.builders import cell_of, document_of, results_of, summarised, trial_of

TIGHT = [100.0, 100.2, 99.8, 100.1, 99.9]


def run(*rates: list[float], contender: str = "asyncio", cpus: int = 2, **changed: Any) -> Results:
    """A document of one cell for each of these lists of rates, on so many CPUs."""
    cells = [summarised(cell_of(contender, each, id=str(number), **changed)) for number, each in enumerate(rates)]
    made = results_of(cells)
    return msgspec.structs.replace(made, environment=msgspec.structs.replace(made.environment, cpus=cpus))


def test_no_difference_is_said_of_all_figures() -> None:
    """Of a run against itself."""
    assert build(run(TIGHT), run(TIGHT)).answer == ["No difference in 3 of 3 figures of 1 cell."]


def test_what_changed_is_said_with_its_interval() -> None:
    """From the new run's side."""
    (sentence, *_) = build(run(TIGHT), run([rate * 0.9 for rate in TIGHT])).answer
    assert sentence == (
        "sleep asyncio:16 closed:32: the base's throughput is 1.11 times as high (95 % interval 1.11 to 1.11): slower."
    )


def noisy(factor: float) -> list[float]:
    """Rates that vary by a tenth."""
    return [rate * factor for rate in (100.0, 110.0, 90.0, 105.0, 95.0)]


def test_undecided_is_not_no_difference() -> None:
    """Where the interval includes 1 and more."""
    answer = build(run(noisy(1.0)), run(noisy(1.01))).answer
    assert answer == [
        "No difference in 2 of 3 figures of 1 cell.",
        "Undecided: 1 of 3 figures of 1 cell; their intervals include 1 and more than ±5 %.",
    ]


def test_the_headline_counts_what_is_known_and_what_is_not() -> None:
    """Undecided is nothing that a run is."""

    def rows(*rates: list[float]) -> Results:
        made = run(*rates)
        cells = [msgspec.structs.replace(cell, slots=slots) for slots, cell in enumerate(made.cells, 1)]
        return msgspec.structs.replace(made, cells=cells)

    unknown = build(rows(noisy(1.0), noisy(1.0)), rows(noisy(1.01), noisy(1.01)))
    assert unknown.headline.startswith("Undecided in all 2 comparisons whether the new run is faster or slower")
    known = build(rows(TIGHT, TIGHT, noisy(1.0)), rows([rate / 2 for rate in TIGHT], TIGHT, noisy(1.01)))
    assert known.headline.startswith("New run, of 3 comparisons: 1 slower, 1 as fast, 1 undecided")


def test_what_two_documents_cannot_tell_is_said() -> None:
    """That it was another hour, and perhaps another machine."""
    base, new = run(TIGHT), run(TIGHT)
    new = msgspec.structs.replace(
        new,
        run=msgspec.structs.replace(new.run, started="2026-01-01T05:30:00+00:00"),
        environment=msgspec.structs.replace(new.environment, boot_id="b"),
    )
    where = "on two machines, or on one that was restarted in between"
    assert f"the runs began 5.5 hours apart, {where}." in build(base, new).reading[0]
    assert "0.0 hours apart, on the same machine" in build(base, base).reading[0]


def test_a_single_boot_has_no_verdict() -> None:
    """Nothing is concluded, however narrow the interval."""
    single = run(TIGHT)
    (cell,) = single.cells
    trials = [msgspec.structs.replace(trial, boot=0) for trial in cell.trials]
    single = msgspec.structs.replace(single, cells=[msgspec.structs.replace(cell, trials=trials)])
    report = build(single, run([rate * 0.9 for rate in TIGHT]))
    assert report.answer == [
        "No verdict on 3 of 3 figures: measured in a single boot, which does not show what varies between boots."
    ]
    assert {row.values["verdict"] for table in report.tables for row in table.rows} == {"indicative, a single boot"}


def test_that_there_is_no_verdict_is_said_with_its_reason() -> None:
    """Too few rounds, or nothing to compare: the floor is measured for the other rows' sake."""
    assert build(run(TIGHT), run(TIGHT[:3])).answer == ["No verdict on 3 of 3 figures: too few rounds."]
    floor = run(TIGHT, views=["floor"])
    assert build(floor, floor).answer == ["The two runs have no figure in common."]


def test_it_is_a_report_like_any_other() -> None:
    """Hostile names are text in it, too."""
    text = FORMAT.show(build(run(TIGHT, contender="<script>"), run(TIGHT, contender="<script>", cpus=4)))
    assert "<script>" not in text
    assert "What differs" in text
    assert "CPUs: 2 in the base, 4 in the new run" in text


def test_what_changed_and_gates_that_failed_are_told_with_the_doubts_of_both_rows() -> None:
    """In the answer and on the first screen: drift in the base, others on the machine in the new run."""
    drifting, noisy_machine = (Doubt(kind=kind, text="", advice="") for kind in ("drifting", "noisy-machine"))
    doubted = []
    for doubt, factor in ((drifting, 1.0), (noisy_machine, 0.8)):
        trials = [trial_of(number, rate * factor, doubts=[doubt]) for number, rate in enumerate(TIGHT, start=1)]
        doubted.append(results_of([summarised(cell_of("asyncio", trials=trials, id="0"))]))
    base, new = doubted
    report = build(base, new, judge(parse("throughput:5%"), list(changes(base, new))))
    doubts = " Doubts: noisy-machine (asyncio:16), drifting (asyncio:16)."
    told = [sentence for sentence in report.answer if sentence.startswith(("sleep", "gate"))]
    assert len(told) == 2
    assert all(sentence.endswith(doubts) for sentence in told)
    assert report.first.doubts[0].text.endswith(doubts)
    assert report.first.overview[0].doubts == ("noisy-machine", "drifting")
    assert report.first.headline.endswith("(noisy-machine).")


def test_with_few_rounds_the_headline_still_says_how_the_rows_stand() -> None:
    """As indicative: what should I use is answered, with how sure that is."""
    headline = build(run(TIGHT[:3], TIGHT[:3]), run(TIGHT[:3], TIGHT[:3])).first.headline
    assert headline == "sleep asyncio:16 closed:32: as fast as before (indicative)."


def test_two_runs_of_different_work_say_why_no_figure_is_in_both() -> None:
    """With what each is of; of the same rows, that none was measured in both."""
    (why,) = build(document_of("quick", rounds=2), document_of("slots", rounds=2)).first.findings
    assert why.startswith("No row is in both")
    assert why.endswith("the base is quick (http_date, noop), the new run slots (sleep).")
    unmeasured = results_of([cell_of()])
    assert build(unmeasured, unmeasured).first.findings == ["No row that both runs have was measured in both."]

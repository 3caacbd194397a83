"""What to use, and how sure that is: under the headline, from the rows of the overview."""

from typing import Any

import msgspec
import pytest

from harness.plan.reading import shipped
from harness.report.doubted import leading
from harness.report.first.certainty import doubted_in, evidence, of_rows
from harness.report.first.of_run import first_screen
from harness.report.first.screen import Effect, OverviewRow, Party
from harness.report.formats import markdown, terminal
from harness.report.report import build
from harness.results.model import Cell
from harness.statistics.comparisons import comparisons
from tests.builders import cell_of, document_of, results_of, summarised, trial_of, view_of

ROUNDS: dict[str, Any] = {"rounds": 5, "boots": 5}
FASTER = Effect("first", 2.0, (1.9, 2.1), **ROUNDS)
SLOWER = Effect("second", 0.5, (0.4, 0.6), **ROUNDS)
EQUAL = Effect("equal", 1.0, (0.98, 1.02), **ROUNDS)
OPEN = Effect("undecided", 1.1, (0.85, 1.38), **ROUNDS)
UNTOLD = Effect("untold", why="slots differ")


def row(speed: Effect, cpu: Effect | None, *doubts: str, name: str = "sleep") -> OverviewRow:
    """Asyncio beside threads."""
    parties = (Party("asyncio", "asyncio:8", "asyncio"), Party("Celery", "celery-threads:8", "celery"))
    return OverviewRow(name, name, *parties, "throughput", speed, cpu, doubts)


@pytest.mark.parametrize(
    ("speed", "cpu", "use"),
    [
        (FASTER, FASTER, "asyncio: faster, and for less CPU"),
        (SLOWER, SLOWER, "celery-threads:8: faster, and for less CPU"),
        (SLOWER, FASTER, "celery-threads:8 for speed, asyncio for less CPU"),
        (OPEN, FASTER, "asyncio where CPU counts; which is faster is undecided"),
        (EQUAL, FASTER, "asyncio where CPU counts; speeds are equal"),
        (UNTOLD, FASTER, "asyncio where CPU counts; speeds are not compared"),
        (FASTER, OPEN, "asyncio for speed; CPU is undecided"),
        (EQUAL, EQUAL, "either: nothing here separates them"),
        (OPEN, EQUAL, "not decided by this run"),
    ],
)
def test_what_to_use_follows_from_speed_and_cpu(speed: Effect, cpu: Effect, use: str) -> None:
    """Each as far as it is known."""
    assert of_rows([row(speed, cpu)]).use == use


def test_a_speed_that_was_seen_once_decides_nothing() -> None:
    """Of a single round no interval is known; a CPU of twelve times is told as what it was."""
    once = Effect("undecided", 1.3, rounds=1, boots=1)
    assert of_rows([row(once, once._replace(ratio=12.0))]).use == (
        "asyncio where CPU counts; which is faster is undecided"
    )


def test_what_weighs_on_it_makes_it_probable() -> None:
    """A doubt, or too few rounds."""
    assert of_rows([row(FASTER, FASTER, "drifting")]).use.startswith("probably asyncio")
    few = FASTER._replace(few="2 rounds", rounds=2)
    assert of_rows([row(few, few)]).use.startswith("probably asyncio")
    both = [row(FASTER, FASTER, name="a"), row(SLOWER, SLOWER, name="b")]
    assert of_rows(both).use == "it depends: see the comparisons"


def test_how_sure_it_is_has_the_ends_of_the_intervals() -> None:
    """From the side of the better one; of several rows, in how many there is a difference."""
    assert of_rows([row(OPEN, FASTER, "drifting")]).sure == (
        "5 rounds; speed undecided (0.85 to 1.38 times); Celery takes 1.90 to 2.10 times asyncio's CPU (95 %); "
        "doubted: drifting"
    )
    assert "Celery 1.67 to 2.50 times as fast (95 %)" in of_rows([row(SLOWER, EQUAL)]).sure
    several = [row(FASTER, EQUAL, name="a"), row(OPEN, EQUAL, name="b"), row(SLOWER, EQUAL, "drifting", name="c")]
    assert of_rows(several).sure == (
        "5 rounds; speed sure in 2 of 3, undecided in 1 of 3; CPU equal in all 3 comparisons; "
        "1 of 3 comparisons doubted (drifting)"
    )


def test_each_row_is_sure_by_its_own_rounds() -> None:
    """One that has too few makes no other indicative."""
    few = FASTER._replace(few="3 rounds", rounds=3)
    several = [row(FASTER, EQUAL, name="a"), row(few, EQUAL, name="b"), row(OPEN, EQUAL, name="c")]
    assert "speed sure in 1 of 3, indicative in 1 of 3, undecided in 1 of 3" in of_rows(several).sure


def test_rows_with_more_rounds_than_others_are_not_seen_once() -> None:
    """As after a run that was ended early."""
    once, twice = OPEN._replace(interval=None, rounds=1), OPEN._replace(rounds=2)
    cpu = FASTER._replace(rounds=2)
    several = [row(twice, cpu, name="a"), row(once, cpu._replace(interval=None, rounds=1), name="b")]
    assert of_rows(several).sure == (
        "1 to 2 rounds; a verdict takes 5 of each; speed undecided in 1 of 2, seen once in 1 of 2; "
        "CPU sure in 1 of 2, seen once in 1 of 2"
    )


def test_what_a_verdict_would_take_is_said() -> None:
    """Rounds first, then starts of the workers."""
    assert evidence(1, 1) == "each seen once; a verdict takes 5 rounds"
    assert evidence(2, 2) == "2 rounds of the 5 that a verdict takes"
    assert evidence(5, 1) == "5 rounds, but one start of the workers: no verdict"
    assert evidence(6, 3) == "6 rounds"


def test_the_doubt_that_is_named_is_the_one_that_explains_most() -> None:
    """Others on the machine explain drift; a row counts for what explains its other doubts."""
    assert leading([("drifting", "noisy-machine")]) == "noisy-machine"
    assert leading([("drifting",), ("drifting",), ("noisy-machine", "drifting")]) == "drifting"
    assert leading([(), ()]) == ""
    assert doubted_in([("drifting", "noisy-machine"), ("noisy-machine",), ()]) == (
        "2 of 3 rows doubted (mostly noisy-machine)"
    )


@pytest.mark.parametrize("plan", sorted(shipped()))
def test_every_run_says_how_sure_it_is(plan: str) -> None:
    """On the page, in the terminal and in Markdown by the same words."""
    report = build(document_of(plan, 2))
    assert report.first.certainty.sure
    for question, text in report.first.certainty.parts:
        assert f"{question}: {text}." in terminal.opening(report, 1000)
        assert f"**{question}:** {markdown.escaped(text)}." in markdown.FORMAT.show(report)


def cell(contender: str, workload: str, rate: float, rounds: int = 1) -> Cell:
    """A cell at that rate, in so many rounds; tenths of percents of it vary."""
    side: Any = "celery" if contender.startswith("celery") else "asyncio"
    trials = [trial_of(number, rate * (1 + number / 1000)) for number in range(1, rounds + 1)]
    return summarised(cell_of(contender, id=f"{contender}{workload}", side=side, workload=workload, trials=trials))


@pytest.mark.parametrize(("rounds", "last"), [(1, "celery-threads:16"), (5, "celery-prefork:16")])
def test_all_rows_compare_the_same_contender_unless_another_is_better(rounds: int, last: str) -> None:
    """The best mean of a single round would be another contender's from row to row, by noise."""
    rates = {"sleep": (90, 100), "http_date": (90, 100), "sql_query": (100, 90)}
    cells = [
        cell(name, workload, rate, rounds)
        for workload, of in rates.items()
        for name, rate in zip(("asyncio", "celery-prefork", "celery-threads"), (200, *of), strict=True)
    ]
    document = results_of(cells, comparisons=comparisons(cells, [view_of()]))
    document = msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, views=[view_of()]))
    screen = first_screen(document)
    assert [row.second.label for row in screen.overview] == ["celery-threads:16", "celery-threads:16", last]
    assert screen.who == "asyncio:16 with celery-threads:16" + (
        "; asyncio:16 with celery-prefork:16 in sql_query" if rounds > 1 else ""
    )


def test_of_the_rows_that_are_doubted_most_are_most() -> None:
    """A kind that weighs on one of three does not explain them."""
    apart = [["drifting"], ["noisy-machine"], ["machine-bound"]]
    assert doubted_in(apart) == "all 3 rows doubted (noisy-machine and others)"
    assert doubted_in([["drifting"], ["drifting", "wide-interval"], []]) == "2 of 3 rows doubted (mostly drifting)"
    assert doubted_in([["drifting"], ["drifting"]]) == "both rows doubted (drifting)"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": "failed"}, "the run failed before its end; "),
        ({"status": "interrupted"}, "the run was interrupted; "),
        ({"ended": "ended early by --max-time 9min"}, "ended early by --max-time 9min; "),
        ({}, ""),
    ],
)
def test_a_run_that_did_not_reach_its_end_says_so_first(changes: dict[str, Any], told: str) -> None:
    """What it answers is less than it was asked."""
    document = document_of("quick", 5)
    whole = first_screen(document).certainty.sure
    cut = msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, **changes))
    assert first_screen(cut).certainty.sure == f"{told}{whole}"

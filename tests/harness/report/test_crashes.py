"""Promise against seen: one row a contender and fault, a broken promise in red with its ids, the answer in words."""

from typing import Any

import pytest
from msgspec import structs

from harness.loads.load import parse_load
from harness.report.answers.crashes import headline, sentences
from harness.report.formats import terminal
from harness.report.report import build
from harness.report.table import Table
from harness.report.tables.crashes import tables
from harness.results.model import Cell, Results, Side
from harness.statistics.comparisons import comparisons
from tests.builders import cell_of, crash_of, results_of, summarised, trial_of, view_of

TRIED = (("celery-b", "kill-worker"), ("celery-b", "kill-child"), ("celery-a", "kill-child"))
"""Contenders with kinds of crash."""
LOST: dict[str, Any] = {"done": 9, "lost": 3, "lost_ids": [3, 5, 8]}


def cell(contender: str = "celery-prefork", side: Side = "celery", **crashes: Any) -> Cell:
    """A cell of four trials, the first of which had that crash, the others none of its consequences."""
    shared: dict[str, Any] = {key: crashes[key] for key in ("fault", "promise", "told") if key in crashes}
    first, other = crash_of(**crashes), crash_of(**shared)
    trials = [
        trial_of(number, None, latency_ms=None, crash=crash, ok=crash.done, submitted=12, lost=12 - crash.done)
        for number, crash in enumerate([first, other, other, other], start=1)
    ]
    load = parse_load(f"crash:{first.fault}@12:burst:12", "").describe()
    return cell_of(contender, side=side, slots=2, load=load, trials=trials, id=f"{contender}/{load.text}")


def table(*cells: Cell) -> Table:
    """The one of these."""
    (made,) = tables([[each] for each in cells], view_of())
    return made


def texts(of: Table, *keys: str) -> list[list[str]]:
    """These columns of all rows."""
    columns = {column.key: column for column in of.columns}
    return [[columns[key].text_in(row) for key in keys] for row in of.rows]


def test_a_row_counts_over_all_trials_and_says_in_how_many_anything_was_lost() -> None:
    """With the interval of that share."""
    made = table(cell(**LOST), cell("asyncio", "asyncio", promise="none"))
    assert texts(made, "fault", "promise", "verdict", "accepted", "done", "lost", "losing") == [
        ["kill-worker", "at most once", "kept in 4", "48", "45", "3", "1 of 4: 0 to 81 %"],
        ["kill-worker", "none", "not promised", "48", "48", "0", "0 of 4: below 53 %"],
    ]
    assert made.notes == []


def test_a_promise_that_was_broken_once_is_red_with_ids_and_last_lines() -> None:
    """However often it was kept; at first sight, of these lines only the reason."""
    said = "at least once, but 3, 5, 8 lost"
    log = "    Traceback (most recent call last):\n    kombu.Error: Worker exited"
    made = table(cell(promise="at least once", broken=said, last_lines=log, **LOST))
    assert texts(made, "verdict") == [["BROKEN in 1 of 4"]]
    note, whole = made.notes
    assert note.kind == "error"
    assert note.text.endswith(f"{said} (request numbers), in 1 of 4 trials: kombu.Error: Worker exited")
    assert whole.detail
    assert whole.text.endswith(f"its log ends with:\n{log}")


def test_what_waits_is_said_with_the_timeout_in_force() -> None:
    """It is not lost."""
    made = table(cell(waiting=5, held=5, done=7, visibility_timeout_s=3600.0))
    (note,) = made.notes
    assert (
        "5 requests of 48 can only come back with the visibility timeout, 3,600 s after they were fetched" in note.text
    )


def test_a_promise_for_an_end_in_order_says_nothing_of_a_kill() -> None:
    """So nothing of it can be broken."""
    promise = "at least once if told to end"
    assert texts(table(cell("asyncio", "asyncio", promise=promise, **LOST)), "verdict") == [["not promised"]]
    told = cell("asyncio", "asyncio", promise=promise, told=True, fault="term-app")
    assert texts(table(told), "verdict") == [["kept in 4"]]


def test_in_80_columns_what_was_lost_and_repeated_stays_beside_the_longest_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was seen is counted; whether that keeps the promise follows from it."""
    monkeypatch.setenv("COLUMNS", "80")
    name = "celery-prefork+acks-late+visibility-120+prefetch-1"
    rows = [cell(name, repeated=6, promise="at least once"), cell("celery-solo", waiting=4, held=4, done=8)]
    said = terminal.FORMAT.show(build(results_of(rows)))
    (heading,) = [line.split() for line in said.splitlines() if line.lstrip().startswith("contender")]
    assert heading == ["contender", "seen", "lost", "repeated"]


def test_the_answer_in_words() -> None:
    """One sentence for each contender; the headline has what matters most."""
    lost = cell(waiting=2, held=2, done=7, lost=3, lost_ids=[1, 2, 3])
    document = results_of([lost, cell("asyncio", "asyncio", promise="none")])
    assert list(sentences(document)) == [
        "celery-prefork (at most once: kept): kill-worker: 3 lost, 2 waiting of 48.",
        "asyncio (no promise): nothing lost or repeated.",
    ]
    (kept,) = sentences(results_of([cell(waiting=2, held=2, done=7)]))
    assert kept == "celery-prefork (at most once: kept): kill-worker: 2 waiting of 48."
    assert headline(document) == "No promise was broken; celery-prefork:2 lost 3 of 48 at kill-worker (indicative)."
    broken = results_of([cell(promise="at least once", broken="at least once, but 3 lost", **LOST)])
    assert headline(broken) == "celery-prefork did not keep what it promises at kill-worker (indicative)."
    twice = [*broken.cells, structs.replace(broken.cells[0], id="other work", workload="after_response")]
    assert headline(results_of(twice)) == headline(broken)
    (other,) = [cell("celery-threads", promise="at least once")]
    both = results_of([*broken.cells, other])
    assert (
        headline(both)
        == "1 of 2 contenders kept what they promise; celery-prefork did not at kill-worker (indicative)."
    )
    neither = results_of([*broken.cells, cell("celery-threads", promise="at least once", broken="3 lost", **LOST)])
    assert (
        headline(neither)
        == "None of 2 contenders kept what it promises: celery-prefork and celery-threads (indicative)."
    )
    assert headline(results_of([cell()])) == "Nothing was lost in 4 crashes (indicative)."
    many = structs.replace(cell(), trials=cell().trials * 2)
    assert headline(results_of([many])) == "Nothing was lost in 8 crashes."
    assert headline(results_of([])) is None


def both(*cells: Cell) -> Results:
    """A run of these under both of two faults: the second one, `kill-child`, harms none of them."""
    crash = crash_of(fault="kill-child", promise="at least once")
    load = parse_load("crash:kill-child@12:burst:12", "").describe()
    harmless = [
        structs.replace(
            each,
            id=f"{each.id}/child",
            load=load,
            trials=[structs.replace(trial, crash=crash) for trial in each.trials],
        )
        for each in cells
    ]
    return results_of([*cells, *harmless])


def test_the_first_screen_is_a_matrix_of_contenders_and_kinds_of_crash() -> None:
    """Red where a promise was broken, amber where anything was lost; what harmed none is named beside it."""
    broken = cell("celery-prefork+acks-late", promise="at least once", broken="3, 5, 8 lost", **LOST)
    lost, kept = cell(**LOST), cell("celery-threads", promise="at least once")
    (matrix,) = build(both(broken, lost, kept)).first.crashes
    assert (matrix.name, matrix.faults) == ("Celery", ["kill-worker"])
    assert [(row.cells[0].text, row.cells[0].kind, row.broken) for row in matrix.rows] == [
        ("3 lost of 48", "broken", True),
        ("3 lost of 48", "lost", False),
        ("all done", "", False),
    ]
    assert [row.promise for row in matrix.rows] == [
        "at least once: BROKEN at 1 kind",
        "at most once: kept",
        "at least once: kept",
    ]
    assert matrix.about == "Celery, where tried: all done at kill-child."


def test_sides_and_brokers_have_a_matrix_each() -> None:
    """And a cell that was not tried is no harm."""
    one, other = cell(**LOST), cell("asyncio", "asyncio", fault="term-app", promise="none", **LOST)
    there = structs.replace(cell("celery-solo", **LOST), broker="rabbitmq")
    third = cell("asyncio", "asyncio", fault="kill-app", promise="none", **LOST)
    another = cell("asyncio-uvloop", "asyncio", fault="kill-app", promise="none")
    matrices = build(results_of([one, other, third, another, there])).first.crashes
    assert [matrix.name for matrix in matrices] == ["Celery", "asyncio", "Celery on rabbitmq"]
    assert [cell.text for cell in matrices[1].rows[1].cells] == ["–", "all done"]


def test_no_crash_hides_another_one_of_its_kind() -> None:
    """A fault that strikes other work, under another load, or on other slots has a column or a row of its own."""
    first = cell(**LOST)
    load = parse_load("crash:kill-worker@60:open:20/s", "").describe()
    others = [
        structs.replace(first, id="work", workload="after_response"),
        structs.replace(first, id="load", load=load),
        structs.replace(first, id="settings", params={"seconds": 0.6}),
        structs.replace(first, id="settings and load", params={"seconds": 0.6}, load=load),
        structs.replace(first, id="slots", slots=4),
    ]
    (matrix,) = build(results_of([first, *others])).first.crashes
    assert matrix.faults == [
        "kill-worker",
        "kill-worker (after_response)",
        "kill-worker (open:20/s)",
        "kill-worker (seconds=0.6)",
        "kill-worker (open:20/s, seconds=0.6)",
    ]
    assert [(row.contender, [cell.text for cell in row.cells]) for row in matrix.rows] == [
        ("celery-prefork", ["3 lost of 48"] * 5),
        ("celery-prefork:4", ["3 lost of 48", "–", "–", "–", "–"]),
    ]


def test_a_matrix_that_is_too_wide_is_a_line_for_each_contender(monkeypatch: pytest.MonkeyPatch) -> None:
    """No column of it is cut."""
    faults = ("kill-worker", "kill-child", "cold-shutdown", "kill-broker")
    report = build(results_of([cell(fault=fault, **LOST) for fault in faults]))
    wide, narrow = (terminal.opening(report, columns) for columns in (100, 40))
    assert "3 lost" in wide
    assert "•" not in wide
    assert "• celery-prefork (at most once: kept): kill-worker: 3 lost of 48; kill-child: 3 lost" in narrow.replace(
        "\n", " "
    )


def test_what_to_use_lost_nothing_at_as_many_kinds_of_crash_as_there_are() -> None:
    """How often what was not seen may still happen."""
    certainty = build(both(cell("celery-threads", promise="at least once"), cell(**LOST))).first.certainty
    assert certainty.use == "where nothing may be lost: celery-threads (tried at all 2 kinds)"
    assert (
        certainty.sure
        == "4 crashes of each kind; what was not seen in 4 crashes may still happen in up to 53 % of them (95 %)"
    )
    five = structs.replace(cell(), trials=[*cell().trials, cell().trials[-1]])
    assert build(results_of([five])).first.certainty.sure.endswith(
        "not seen in 5 crashes may still happen in up to 46 % of them (95 %)"
    )
    tried = [cell(name, promise="at least once", fault=fault) for name, fault in TRIED]
    some = build(results_of(tried)).first.certainty
    assert some.use == (
        "where nothing may be lost: celery-b (tried at all 2 kinds); "
        "not enough is known of celery-a (tried at 1 of 2 kinds)"
    )
    known = [
        cell("celery-a", promise="at least once", fault="kill-worker"),
        cell("celery-b", **LOST | {"fault": "kill-child"}),
    ]
    nobody = build(results_of(known)).first.certainty
    assert nobody.use == "where nothing may be lost: not enough is known of celery-a (tried at 1 of 2 kinds)"
    many = [cell(f"celery-{n}", promise="at least once") for n in range(7)]
    assert build(results_of(many)).first.certainty.use == (
        "where nothing may be lost: any of the 7 that promise 'at least once' and lost nothing"
    )
    lucky = both(cell(promise="at most once"))
    assert build(lucky).first.certainty.use == "none of these, where nothing may be lost or fail"
    (alone,) = [cell(**LOST)]
    assert build(results_of([alone])).first.certainty.use == "none of these, where nothing may be lost or fail"


def test_the_price_of_a_promise_is_that_of_settings_that_kept_it() -> None:
    """Not of the first ones that were tuned: these broke theirs, and the others promise something else."""
    promise = {"promise": "at least once"}
    names = (
        "asyncio",
        "asyncio+drain",
        "asyncio+journal",
        "celery-prefork",
        "celery-prefork+late",
        "celery-prefork+reject",
    )
    struck = [
        tuned("asyncio+drain", promise="at least once if told to end"),
        tuned("asyncio+journal", **promise),
        tuned("celery-prefork+late", **promise, broken="3 lost", **LOST),
        tuned("celery-prefork+reject", **promise),
    ]
    measured = [structs.replace(priced(name), id=f"{name}/price", views=["price"]) for name in names]
    views = [view_of(), view_of(name="price")]
    document = results_of([*struck, *measured], comparisons=comparisons(measured, views))
    screen = build(structs.replace(document, run=structs.replace(document.run, views=views))).first
    assert [(row.first.label, row.second.label) for row in screen.overview] == [
        ("asyncio:16", "celery-prefork:16"),
        ("asyncio+journal:16", "celery-prefork+reject:16"),
    ]
    assert screen.overview[1].name.endswith(", both at least once")
    assert screen.overview[1].speed.interval is not None


def tuned(name: str, **crashes: Any) -> Cell:
    """A cell with a crash, of a contender with that setting."""
    contender, _, setting = name.partition("+")
    made = cell(contender, "celery" if contender.startswith("celery") else "asyncio", **crashes)
    return structs.replace(made, tuning=[setting] if setting else [], id=f"{name}/crash")


def priced(name: str) -> Cell:
    """The same at work, without a crash."""
    contender, _, setting = name.partition("+")
    side: Side = "celery" if contender.startswith("celery") else "asyncio"
    rate = 100.0 if side == "celery" else 200.0
    trials = [trial_of(number, rate + number) for number in range(1, 6)]
    return summarised(cell_of(contender, side=side, tuning=[setting] if setting else [], trials=trials))


def test_a_report_of_crashes_alone_has_no_table_of_rates() -> None:
    """And its first screen begins with what was lost."""
    report = build(results_of([cell(**LOST)]))
    assert [each.key for each in report.tables] == ["crashes"]
    assert report.first.headline.startswith("No promise was broken")
    assert report.first.doubts == []

"""Machines × contenders: of each plan one version, of each machine its newest run; the rest with the reason."""

import re

import msgspec

from harness.report.board.board import Entry, board_of, judged, machine_of, report_of, version_of
from harness.results.model import Results


def on(entry: Results, cpus: int, identity: str, started: str = "2026-01-01T00:00:00+00:00") -> tuple[str, Entry]:
    """The same figures, as if from a machine with so many CPUs."""
    environment = msgspec.structs.replace(entry.environment, cpus=cpus)
    run = msgspec.structs.replace(entry.run, started=started)
    document = msgspec.structs.replace(entry, environment=environment, run=run)
    return identity, Entry(identity, machine_of(environment), document)


def test_each_machine_is_a_row_and_each_contender_a_column(entry: Results) -> None:
    """With the figure and its interval."""
    report = report_of(board_of([on(entry, 2, "a"), on(entry, 8, "b")]))
    table = report.tables[0]
    assert [column.title for column in table.columns][:3] == ["machine", "asyncio:16", "celery-prefork:16"]
    assert ["8 CPUs" in table.cells(row)[0] for row in table.rows] == [False, True]
    assert re.fullmatch(r"\d{2,3}\.\d ±\d+(\.\d)? %", table.cells(table.rows[0])[1])
    assert len(report.first.overview) == 2


def test_a_machine_stands_with_its_newest_run(entry: Results) -> None:
    """The older one is named."""
    board = board_of([on(entry, 2, "new", "2026-02-01T00:00:00+00:00"), on(entry, 2, "old")])
    assert [one.id for one in board.shown["quick"]] == ["new"]
    assert board.left_out == [("old", "the same machine has a newer run: new")]


def test_runs_of_another_version_of_the_plan_are_left_out(entry: Results) -> None:
    """Other rows are another plan, whatever it is called; rounds are none of it."""
    shorter = msgspec.structs.replace(entry, cells=entry.cells[1:])
    assert version_of(shorter) != version_of(entry)
    board = board_of([on(entry, 2, "a"), on(shorter, 4, "b"), on(entry, 8, "c")])
    assert [one.id for one in board.shown["quick"]] == ["a", "c"]
    assert board.left_out == [("b", "another version of the plan quick: other rows than most runs of it")]


def test_what_cannot_be_shown_is_listed_with_the_reason(measured: Results) -> None:
    """A folder without a run that verifies has a page that says so."""
    run = msgspec.structs.replace(measured.run, status="killed")
    verdict = judged("killed", msgspec.structs.replace(measured, run=run))
    assert verdict == "the run is killed"
    report = report_of(board_of([("killed", "the run is killed"), ("bad", "unreadable: nested")]))
    assert report.first.headline == "No run here can be shown."
    assert [list(row.values.values()) for row in report.tables[0].rows] == [
        ["bad", "unreadable: nested"],
        ["killed", "the run is killed"],
    ]

"""The first screen of a comparison of two runs: each cell a row, the new run ÷ the base."""

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.report.doubted import kinds_of
from harness.report.first.certainty import UNKNOWN, of_rows
from harness.report.first.effects import few_of, standing_of
from harness.report.first.headline import fitting
from harness.report.first.screen import ROWS_MOST, Certainty, Effect, FirstScreen, OverviewRow, Party, short
from harness.report.table import Note
from harness.report.wording import inverse, listed
from harness.statistics.metrics import CPU
from harness.statistics.two_runs import Change, name

SAID = {"second": "slower", "first": "faster", "equal": "as fast", "undecided": "undecided"}
BY_NEITHER = "not decided by these runs"
NEW, BASE = Party("new", "new"), Party("base", "base")


def first_screen(changes: Sequence[Change], failed: Sequence[str], passed: Sequence[str] = ()) -> FirstScreen:
    """What is said of gates: of those that did not pass, and of those that did."""
    rows = list(_rows(changes))
    return FirstScreen(
        headline=_headline(changes, rows),
        certainty=_certainty(rows),
        overview=rows[:ROWS_MOST],
        tiles=[],
        tiles_of="",
        doubts=[*(Note(text, "error") for text in failed), *_left_out(rows)],
        findings=list(passed),
    )


def _certainty(rows: Sequence[OverviewRow]) -> Certainty:
    """Which run to take: not decided by both together."""
    found = of_rows(rows)
    return found._replace(use=BY_NEITHER) if found.use == UNKNOWN else found


def _left_out(rows: Sequence[OverviewRow]) -> Iterator[Note]:
    if len(rows) > ROWS_MOST:
        yield Note(f"{len(rows) - ROWS_MOST} more rows in the tables.")


def _rows(changes: Sequence[Change]) -> Iterator[OverviewRow]:
    """By what the cell's load ranks, and its CPU beside it; changes of one cell lie together."""
    by_cell: dict[str, list[Change]] = {}
    for change in changes:
        by_cell.setdefault(change.cell.id, []).append(change)
    for of_cell in by_cell.values():
        speed = next((change for change in of_cell if change.metric.kind != "cost"), None)
        cpu = next((change for change in of_cell if change.metric is CPU), None)
        if speed is not None:
            yield OverviewRow(
                name=name(speed.cell),
                subject=name(speed.cell),
                first=NEW._replace(side=speed.cell.side),
                second=BASE,
                what=speed.metric.name,
                speed=_effect(speed),
                cpu=_effect(cpu) if cpu else None,
                doubts=kinds_of((speed.cell, speed.again)),
            )


def _effect(change: Change) -> Effect:
    """How many times as good the new run is."""
    more = change.metric.more_is_better
    interval = change.ci95 and (change.ci95 if more else inverse(change.ci95))
    ratio = change.ratio if more else 1 / change.ratio
    few = few_of(change.rounds, change.boots) if change.verdict is None else ""
    return Effect(standing_of(interval), ratio, interval, few, rounds=change.rounds, boots=change.boots)


def _headline(changes: Sequence[Change], rows: Sequence[OverviewRow]) -> str:
    if not changes:
        return fitting(["The two runs have no figure in common"])
    if all(change.ci95 is None for change in changes):
        return fitting(["No verdict: too few rounds or boots"])
    if len(rows) == 1 and (times := rows[0].speed.times) is not None:
        said = {"first": "faster", "second": "slower", "equal": "as fast as before", "undecided": "undecided in speed"}
        standing = rows[0].speed.standing
        by = f", {short(times)} times" if standing in ("first", "second") else ""
        return fitting([f"{rows[0].name}: {said[standing]}{by}", f"{said[standing].capitalize()}{by}"], rows)
    counts = Counter[str](row.speed.standing for row in rows)
    if counts["undecided"] == len(rows):
        return fitting([f"Undecided in all {len(rows)} comparisons whether the new run is faster or slower"], rows)
    known = [f"{SAID[standing]} in {counts[standing]}" for standing in ("second", "first", "equal") if counts[standing]]
    open_ones = f"; {counts['undecided']} undecided" if counts["undecided"] else ""
    each = ", ".join(f"{counts[standing]} {said}" for standing, said in SAID.items() if counts[standing])
    return fitting(
        [
            f"The new run is {listed(known)} of {len(rows)} comparisons{open_ones}",
            f"New run, of {len(rows)} comparisons: {each}",
        ],
        rows,
    )

"""The headline of rows of one work that differ in a number: who is ahead at which slots, or under which load."""

from collections.abc import Iterator, Sequence

from harness.report.first.screen import OverviewRow
from harness.report.first.sizes import times_of
from harness.report.wording import listed


def of_numbers(rows: Sequence[OverviewRow], names: tuple[str, str], better: str, equal: str) -> Iterator[str]:
    """From the longest to the shortest; nothing where rows differ in more than that, or all are undecided.

    `better`, `equal`: what the one that is ahead is, and what both are, in words.
    """
    subject, ats = rows[0].subject, [row.at for row in rows]
    if not all(ats) or len(set(ats)) < len(rows) or any(row.subject != subject for row in rows):
        return
    parts = {
        standing: [row for row in rows if row.speed.standing == standing]
        for standing in ("first", "second", "equal", "undecided")
    }
    for sized in (True, False):
        said = [
            f"{name} {better}{_at(of_name, rows)}{_size(of_name) if sized else ''}"
            for name, of_name in zip(names, (parts["first"], parts["second"]), strict=True)
            if of_name
        ]
        if not said and not parts["equal"]:
            return
        if parts["equal"]:
            both = "equal" if said else f"{names[0]} and {names[1]} {equal}"
            said.append(f"{both}{_at(parts['equal'], rows, short=bool(said))}")
        if parts["undecided"]:
            said.append(f"undecided{_at(parts['undecided'], rows, short=True)}")
        text = "; ".join(said)
        yield f"{subject}: {text}"
        yield text


def _size(rows: Sequence[OverviewRow]) -> str:
    return f", {times_of([row.speed for row in rows])}"


def _at(rows: Sequence[OverviewRow], of: Sequence[OverviewRow], *, short: bool = False) -> str:
    """` at 2 and 8 slots`; of all, ` at 2 to 32 slots`; `short`: without the unit, where all have the same."""
    numbers, units = zip(*(row.at.partition(" ")[::2] for row in of), strict=True)
    unit = units[0] if len(set(units)) == 1 else None
    texts = [row.at if unit is None else row.at.partition(" ")[0] for row in rows]
    if unit and len(rows) == len(of) > 2:
        least, *_, most = sorted(numbers, key=lambda text: (len(text), text))  # a run may be given them in any order
        return f" at {least} to {most} {unit}"
    return f" at {listed(texts)}" + (f" {unit}" if unit and not short else "")

"""Promise against seen: what each fault lost and repeated, by id."""

from collections.abc import Iterable

from harness.logs import reason_in
from harness.report.table import Column, Note, Row, Table, Value
from harness.report.wording import counted
from harness.results.model import Cell, View
from harness.statistics.crash_totals import CrashTotals, crash_totals

KEPT = "kept"
COLUMNS = (
    Column("contender", "contender", rank=1, identifies=True),
    Column("fault", "fault", rank=5, identifies=True),
    Column("promise", "promise", rank=6),
    Column("verdict", "seen", rank=3),
    Column("accepted", "accepted", digits=9, rank=7),
    Column("done", "done", digits=9, rank=8),
    Column("lost", "lost", digits=9, better="lower", rank=2),
    Column("failed", "failed", digits=9, better="lower", rank=4, telling="nonzero"),
    Column("waiting", "waiting", digits=9, better="lower", rank=4, telling="nonzero"),
    Column("repeated", "repeated", digits=9, better="lower", rank=2),
    Column("unanswered", "done, no reply", digits=9, rank=9, telling="nonzero"),
    Column("losing", "trials that lost any", rank=7),
    Column("repeating", "trials that repeated any", rank=10, hidden=True),
    Column("next", "next reply after", "s", 3, "lower", decimals=2, rank=10, optional=True),
    Column("gone", "backlog gone after", "s", 3, "lower", decimals=2, rank=11, optional=True),
    Column("refused", "refused", digits=9, hidden=True),
    Column("unaccepted", "begun, not accepted", digits=9, hidden=True),
    Column("slots", "slots", digits=6, rank=12, hidden=True),
    Column("load", "load", hidden=True),
)
ABOUT = (
    "requests by id over all trials; accepted = done + failed + lost + waiting. Repeated: begun more than once, by "
    "what the origin saw where the work calls it"
)


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One row for each contender and fault."""
    totals = crash_totals(cell for group in gathered for cell in group)
    if totals:
        yield Table(
            key="crashes",
            title="Promise against seen",
            about=ABOUT,
            columns=COLUMNS,
            rows=[_row(each) for each in totals],
            notes=[note for each in totals for note in _notes(each)],
        )


def verdict(totals: CrashTotals) -> str:
    """Whether the promise was kept in every trial."""
    if totals.promise == "none":
        return "not promised"
    if totals.broken:
        return f"BROKEN in {len(totals.broken)} of {len(totals.crashes)}"
    if not _is_due(totals):
        return "not promised"
    return f"{KEPT} in {len(totals.crashes)}"


def _is_due(totals: CrashTotals) -> bool:
    return totals.promise != "at least once if told to end" or totals.crashes[0].told


def _row(totals: CrashTotals) -> Row:
    values: dict[str, Value] = {
        "contender": totals.cell.name,
        "slots": totals.cell.slots if totals.cell.slots is not None else "none",
        "load": totals.cell.load.text,
        "fault": totals.fault,
        "promise": totals.promise,
        "verdict": verdict(totals),
        "losing": totals.in_trials("lost"),
        "repeating": totals.in_trials("repeated"),
        "repeated": totals.repeated,
        "next": totals.middle("next_reply_s"),
        "gone": totals.middle("backlog_gone_s"),
    }
    counts = ("accepted", "done", "lost", "failed", "waiting", "unanswered", "refused", "unaccepted")
    return Row(values | {name: totals.total(name) for name in counts}, totals.cell.side)


def _notes(totals: CrashTotals) -> Iterable[Note]:
    """A broken promise with its ids and last lines; what waits, and for how long."""
    where = f"{totals.cell.label}, {totals.fault}"
    if totals.broken:
        first = totals.broken[0]
        log = (first.last_lines or "").splitlines()
        reason = reason_in("", log)
        said = f"{where}: {first.broken} (request numbers), in {len(totals.broken)} of {counted_trials(totals)}"
        yield Note(f"{said}: {reason}" if reason else f"{said}.", "error")
        if log:
            yield Note("\n".join([f"{where}: its log ends with:", *log]), detail=True)
    if held := totals.total("held"):
        timeout_s = totals.visibility_timeout_s
        until = f", {timeout_s:,.0f} s after they were fetched" if timeout_s is not None else ""
        yield Note(
            f"{where}: {counted(held, 'request')} of {totals.total('accepted'):,} can only come back with the "
            f"visibility timeout{until}."
        )


def counted_trials(totals: CrashTotals) -> str:
    """`20 trials`."""
    return counted(len(totals.crashes), "trial")

"""What a crash loses of the user's job: two lines of the card, and a sentence for each process that was killed."""

from collections.abc import Iterator

from harness.report.card.shape import CardPair
from harness.report.table import BLANK
from harness.results.decision import CRASH
from harness.results.model import Results
from harness.statistics.crash_totals import CrashTotals, crash_totals

NOT_MEASURED = "not measured here"


def lines(results: Results) -> Iterator[CardPair]:
    """Lost and repeated, of both sides; where nothing was killed, that it was not."""
    by_side = _by_side(results)
    if not by_side:
        yield CardPair("lost at a crash", NOT_MEASURED, NOT_MEASURED)
        return
    yield CardPair("lost at a crash", *(_lost(by_side.get(side, [])) for side in ("asyncio", "celery")))
    yield CardPair("done twice", *(_repeated(by_side.get(side, [])) for side in ("asyncio", "celery")))


def sentences(results: Results) -> Iterator[str]:
    """What became of the requests of each trial."""
    found = False
    for totals in (each for side in _by_side(results).values() for each in side):
        found = True
        counts = {name: totals.total(name) for name in ("done", "failed", "lost", "waiting")}
        until = totals.visibility_timeout_s
        if totals.total("held") and until is not None:
            counts[f"of these until the visibility timeout, {until:,.0f} s"] = totals.total("held")
        parts = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        yield f"Crash: {totals.cell.label}, {totals.fault}: of {totals.total('accepted'):,} accepted, {parts}."
    if not found:
        yield "Crashes were not measured."


def _by_side(results: Results) -> dict[str, list[CrashTotals]]:
    found: dict[str, list[CrashTotals]] = {}
    for totals in crash_totals(cell for cell in results.cells if CRASH in cell.views):
        found.setdefault(totals.cell.side, []).append(totals)
    return found


def _lost(all_of: list[CrashTotals]) -> str:
    """`7 of 240`, with what failed or waits."""
    if not all_of:
        return BLANK
    counts = {name: sum(each.total(name) for each in all_of) for name in ("lost", "failed", "waiting", "accepted")}
    more = "".join(f", {counts[name]:,} {name}" for name in ("failed", "waiting") if counts[name])
    return f"{counts['lost']:,} of {counts['accepted']:,}{more}"


def _repeated(all_of: list[CrashTotals]) -> str:
    return f"{sum(each.repeated for each in all_of):,}" if all_of else BLANK

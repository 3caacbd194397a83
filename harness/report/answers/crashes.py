"""What crashes lost and repeated, in sentences: one for each contender, and the headline."""

from collections.abc import Iterator

from harness.report.first.headline import fitting
from harness.report.wording import listed
from harness.results.model import Results
from harness.statistics.crash_totals import CrashTotals, crash_totals

SAID = {
    "none": "promises nothing",
    "at most once": "promises at most once",
    "at least once": "promises at least once",
    "at least once if told to end": "promises at least once if it is told to end",
}


def sentences(results: Results) -> Iterator[str]:
    """One for each contender, over its faults."""
    shown = {view.name for view in results.run.views}
    by_contender: dict[str, list[CrashTotals]] = {}
    for totals in crash_totals(cell for cell in results.cells if shown & set(cell.views)):
        by_contender.setdefault(totals.cell.name, []).append(totals)
    for label, all_of in by_contender.items():
        broken = [each.fault for each in all_of if each.broken]
        kept = "" if all_of[0].promise == "none" else "; seen broken at " + listed(broken) if broken else "; seen kept"
        whats = [what for each in all_of if (what := _what(each))]
        yield f"{label} {SAID[all_of[0].promise]}{kept}: {'; '.join(whats) or 'nothing was lost or repeated'}."


def _what(totals: CrashTotals) -> str:
    """What that fault did; empty where nothing was lost or repeated."""
    accepted = totals.total("accepted")
    counts = {
        "lost": totals.total("lost"),
        "failed": totals.total("failed"),
        "wait for the visibility timeout": totals.total("held"),
        "repeated": totals.repeated,
    }
    parts = [f"{count:,} {what}" for what, count in counts.items() if count]
    return f"{totals.fault}: of {accepted:,}, {', '.join(parts)}" if parts else ""


def headline(results: Results) -> str | None:
    """Who lost nothing, and whose promise was broken; None where no fault struck."""
    shown = {view.name for view in results.run.views}
    totals = crash_totals(cell for cell in results.cells if shown & set(cell.views))
    if not totals:
        return None
    broken = [each for each in totals if each.broken]
    if broken:
        first = broken[0]
        more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
        return fitting([f"Promise broken: {first.cell.label} at {first.fault}{more}"])
    losing = [each for each in totals if each.total("lost")]
    if not losing:
        return fitting([f"Nothing was lost in {sum(len(each.crashes) for each in totals)} crashes"])
    worst = max(losing, key=lambda each: each.total("lost") / each.total("accepted"))
    lost, of = worst.total("lost"), worst.total("accepted")
    return fitting([f"No promise was broken; {worst.cell.label} lost {lost:,} of {of:,} at {worst.fault}"])

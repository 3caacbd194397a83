"""What crashes lost and repeated, in sentences: one for each contender, and the headline."""

from collections.abc import Iterator, Sequence

from harness.report.first.headline import INDICATIVE, fitting
from harness.report.first.screen import Outcome
from harness.report.wording import counted, listed
from harness.results.model import Results
from harness.statistics.crash_totals import CrashTotals, crash_totals
from harness.statistics.intervals import ROUNDS_FOR_VERDICT


def sentences(results: Results) -> Iterator[str]:
    """One for each contender, over its faults; broken promises first."""
    for outcome in outcomes(results):
        yield f"{outcome.contender} ({outcome.promise}): {outcome.text}."


def outcomes(results: Results) -> Iterator[Outcome]:
    """What crashes did to each contender; broken promises first."""
    shown = {view.name for view in results.run.views}
    by_contender: dict[str, list[CrashTotals]] = {}
    kinds: dict[str, set[str]] = {}
    for totals in crash_totals(cell for cell in results.cells if shown & set(cell.views)):
        by_contender.setdefault(totals.cell.name, []).append(totals)
        kinds.setdefault(totals.cell.side, set()).add(totals.fault)
    for label, all_of in sorted(by_contender.items(), key=lambda each: not _broken(each[1])):
        broken, promise = _broken(all_of), all_of[0].promise
        tried, of = {each.fault for each in all_of}, len(kinds[all_of[0].cell.side])
        some = f", tried at {len(tried)} of {of} kinds of crash" if len(tried) < of else ""
        seen = f"BROKEN at {listed(broken)}" if broken else f"kept{some}"
        said = "no promise" if promise == "none" else f"{promise}: {seen}"
        whats = list(filter(None, map(_what, all_of)))
        if whats and not any(each.total("lost") for each in all_of):
            whats.insert(0, f"nothing lost at {listed([each.fault for each in all_of])}")
        yield Outcome(label, said, "; ".join(whats) or "nothing lost or repeated", broken=bool(broken))


def _broken(all_of: Sequence[CrashTotals]) -> list[str]:
    """The faults at which the promise was."""
    return [each.fault for each in all_of if each.broken]


def _what(totals: CrashTotals) -> str:
    """What that fault did; empty where nothing was lost or repeated."""
    counts = {
        "lost": totals.total("lost"),
        "failed": totals.total("failed"),
        "waiting": totals.total("held"),
        "repeated": totals.repeated,
    }
    parts = [f"{count:,} {what}" for what, count in counts.items() if count]
    return f"{totals.fault}: {', '.join(parts)} of {totals.total('accepted'):,}" if parts else ""


def headline(results: Results) -> str | None:
    """Who lost nothing, and whose promise was broken; None where no fault struck."""
    shown = {view.name for view in results.run.views}
    totals = crash_totals(cell for cell in results.cells if shown & set(cell.views))
    if not totals:
        return None
    broken, few = [each for each in totals if each.broken], _few(totals)
    if broken:
        named = len({each.cell.name for each in totals if each.promise != "none"})
        return fitting(_breaking(broken, named), uncertain=few)
    losing = [each for each in totals if each.total("lost")]
    if not losing:
        crashes = counted(sum(len(each.crashes) for each in totals), "crash")
        return fitting([f"Nothing was lost in {crashes}"], uncertain=few)
    worst = max(losing, key=lambda each: each.total("lost") / each.total("accepted"))
    lost, of = worst.total("lost"), worst.total("accepted")
    return fitting(
        [f"No promise was broken; {worst.cell.label} lost {lost:,} of {of:,} at {worst.fault}"], uncertain=few
    )


def _few(totals: Sequence[CrashTotals]) -> str:
    """Whether too few crashes stand behind what was kept: even in 5 of them, a loss in 45 % may go unseen."""
    return f" ({INDICATIVE})" if min(len(each.crashes) for each in totals) < ROUNDS_FOR_VERDICT else ""


def _breaking(broken: Sequence[CrashTotals], of: int) -> Iterator[str]:
    """How many contenders keep their promises, and who does not, at what; from the longest to the shortest."""
    names = list(dict.fromkeys(each.cell.name for each in broken))
    kept = of - len(names)
    keeping = f"{kept} of {counted(of, 'contender')} kept what they promise; " if kept else ""
    if len(names) == 1:
        did_not = "did not" if kept else "did not keep what it promises"
        yield f"{keeping}{names[0]} {did_not} at {listed([each.fault for each in broken])}"
        yield f"{keeping}{names[0]} {did_not} at {counted(len(broken), 'fault')}"
    missing = f"{len(names)} did not" if kept else f"None of {counted(of, 'contender')} kept what it promises"
    yield f"{keeping}{missing}: {listed(names)}"
    yield f"{keeping}{missing}"

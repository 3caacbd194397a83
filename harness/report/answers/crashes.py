"""What crashes lost and repeated, in sentences: one for each contender, and the headline."""

from collections.abc import Iterator, Sequence

from harness.report.first.crash_matrix import crash_matrices
from harness.report.first.headline import INDICATIVE, fitting
from harness.report.first.screen import Certainty
from harness.report.wording import counted, listed
from harness.results.model import Results
from harness.statistics.binomial import share_text
from harness.statistics.crash_totals import CrashTotals, crash_totals
from harness.statistics.intervals import ROUNDS_FOR_VERDICT

SAFE = "at least once"
"""The promise of what may be used where nothing may be lost."""
SAFE_NAMED = 6
"""So many contenders that lost nothing are named, each; more are counted."""


def sentences(results: Results) -> Iterator[str]:
    """One for each contender, over its faults; broken promises first."""
    rows = [(matrix, row) for matrix in crash_matrices(results) for row in matrix.rows]
    for matrix, row in sorted(rows, key=lambda each: not each[1].broken):
        yield matrix.sentence(row)


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


def certainty(results: Results) -> Certainty:
    """What promises that nothing is lost, and lost nothing; how often what was not seen may still happen."""
    shown = {view.name for view in results.run.views}
    totals = crash_totals(cell for cell in results.cells if shown & set(cell.views))
    by_contender: dict[str, list[CrashTotals]] = {}
    for each in totals:
        by_contender.setdefault(each.cell.name, []).append(each)
    kinds: dict[str, set[tuple[str, str]]] = {}
    for each in totals:
        kinds.setdefault(_where(each), set()).add(_kind(each))
    safe = {
        name: len(set(map(_kind, all_of)))
        for name, all_of in by_contender.items()
        if all(each.promise == SAFE and not each.broken for each in all_of)
        and not any(each.total("lost") + each.total("failed") for each in all_of)
    }
    of = {name: len(kinds[_where(by_contender[name][0])]) for name in safe}
    chosen = [each for name in safe for each in by_contender[name]]
    repeats = " and work may be repeated" if any(each.repeated for each in chosen) else ""
    use = (
        f"where nothing may be lost{repeats}: {_named(safe, of)}"
        if safe
        else "none of these, where nothing may be lost or fail"
    )
    fewest, most = (choose(len(each.crashes) for each in chosen or totals) for choose in (min, max))
    times = f"{fewest} to {counted(most, 'crash')}" if fewest < most else counted(most, "crash")
    unseen = share_text(0, fewest).rpartition("below ")[2]
    return Certainty(
        use,
        f"{times} of each kind; what was not seen in {counted(fewest, 'crash')} may still happen in up to {unseen} of "
        "them (95 %)",
    )


def _kind(totals: CrashTotals) -> tuple[str, str]:
    """The fault, and the work that it struck."""
    return totals.fault, totals.cell.workload


def _where(totals: CrashTotals) -> str:
    """Its side and broker."""
    return f"{totals.cell.side}@{totals.cell.name.partition('@')[2]}"


def _named(safe: dict[str, int], of: dict[str, int]) -> str:
    """Those that were tried at all kinds of crash of their side, then the others; of many, how many they are."""
    whole = [name for name in safe if safe[name] == of[name]]
    part = [name for name in safe if safe[name] < of[name]]
    if len(safe) > SAFE_NAMED:
        tried = f", {len(part)} of them tried at some kinds of crash alone" if part else ""
        return f"any of the {len(safe)} that promise '{SAFE}' and lost nothing{tried}"
    shown = [
        ", ".join(f"{name} (tried at {_kinds(safe[name], of[name])})" for name in names) for names in (whole, part)
    ]
    return "; ".join(text for text in (shown[0], f"not enough is known of {shown[1]}" if part else "") if text)


def _kinds(tried: int, of: int) -> str:
    """`all 3 kinds`, `1 of 8 kinds`."""
    return f"{'all ' if of > 1 else ''}{counted(of, 'kind')}" if tried == of else f"{tried} of {of} kinds"


def _few(totals: Sequence[CrashTotals]) -> str:
    """Whether too few crashes stand behind what was kept: even in 5 of them, a loss in 45 % may go unseen."""
    return f" ({INDICATIVE})" if min(len(each.crashes) for each in totals) < ROUNDS_FOR_VERDICT else ""


def _breaking(broken: Sequence[CrashTotals], of: int) -> Iterator[str]:
    """How many contenders keep their promises, and who does not, at what; from the longest to the shortest."""
    names = list(dict.fromkeys(each.cell.name for each in broken))
    faults = list(dict.fromkeys(each.fault for each in broken))
    kept = of - len(names)
    keeping = f"{kept} of {counted(of, 'contender')} kept what they promise; " if kept else ""
    if len(names) == 1:
        did_not = "did not" if kept else "did not keep what it promises"
        yield f"{keeping}{names[0]} {did_not} at {listed(faults)}"
        yield f"{keeping}{names[0]} {did_not} at {counted(len(faults), 'fault')}"
    missing = f"{len(names)} did not" if kept else f"None of {of} contenders kept what it promises"
    yield f"{keeping}{missing}: {listed(names)}"
    yield f"{keeping}{missing}"

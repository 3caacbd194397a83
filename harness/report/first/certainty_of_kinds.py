"""What to use, and how sure that is, where no two are compared: of ladders, sweeps, layers and searches."""

from collections.abc import Sequence

from harness.report.doubted import kinds_of
from harness.report.first.certainty import UNKNOWN, doubted, doubted_in, evidence, evidence_of, seen_in
from harness.report.first.headline import CONTROL
from harness.report.first.layers import main_of
from harness.report.first.screen import Certainty, OverviewRow, bound
from harness.report.first.without_rows import known_part
from harness.report.table import number
from harness.report.wording import at_value, listed, rounded
from harness.results.model import Cell, NoCrossover, Results, Scaling
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT
from harness.statistics.layers import is_undecided
from harness.statistics.metrics import BY_KEY, CPU
from harness.statistics.rungs import TOGETHER
from harness.statistics.verdicts import equal_at

ALSO_MOST = 3
"""Changes that are named beside the one that helps most."""


def of_ladder(rows: Sequence[OverviewRow]) -> Certainty:
    """The safe change that helps most, with its interval."""
    seen = seen_in(rows)
    helping = [row for row in rows if _helps(row) and not row.unsafe and row.subject != CONTROL]
    helping.sort(key=lambda row: -(row.speed.ratio or 1.0))
    best = next(iter(helping), None)
    if all(row.subject == CONTROL for row in rows):
        return Certainty(UNKNOWN, _joined(seen, doubted(rows)))
    if best is None:
        return Certainty("none of these changes is both safe and known to help", _joined(seen, doubted(rows)))
    interval = best.speed.interval
    between = f"{bound(interval[0])} to {bound(interval[1])} times (95 %)" if interval else ""
    probably = "probably " if best.speed.few or best.speed.single or best.doubts else ""
    others = [row.name for row in helping if row is not best and row.subject != TOGETHER]
    shown = [*others[:ALSO_MOST], f"{len(others) - ALSO_MOST} more"] if len(others) > ALSO_MOST else others
    more = f"{':' if best.subject == TOGETHER else '; also'} {listed(shown)}" if others else ""
    return Certainty(
        f"{probably}{best.name}{more}", _joined(seen, f"{best.name} {between}" if between else "", doubted(rows))
    )


def _helps(row: OverviewRow) -> bool:
    """Whether it was ahead, if only once."""
    ahead = row.speed.single and not row.speed.near and (row.speed.ratio or 1) > 1
    return ahead or row.speed.standing == "first"


def of_sweeps(scalings: Sequence[Scaling], cells: Sequence[Cell], rows: Sequence[OverviewRow] = ()) -> Certainty:
    """On which side of the crossover which of the two; without one, the one that stays ahead.

    Doubts are those of the overview's rows, where it has some; else of the cells.
    """
    works = {cell.workload for cell in cells}
    rows = [row for row in rows if not works or row.subject.partition(" ")[0] in works]
    doubts = doubted(rows) if rows else doubted_in([kinds_of([cell]) for cell in cells])
    for scaling in scalings:
        if scaling.crossovers:
            cross = scaling.crossovers[0]
            ends = (cross.first, cross.second)
            below, above = ends if BY_KEY[scaling.metric].more_is_better else ends[::-1]
            at = f"about {at_value(scaling, rounded(cross.at))}"
            between = cross.ci95 and f"they cross between {rounded(cross.ci95[0])} and {rounded(cross.ci95[1])} (95 %)"
            seen = evidence(cross.rounds, cross.boots)
            use = f"{below} below {at}, {above} above"
            use = f"{_probably(cross.rounds, cross.boots, doubts)}{use}"
            return Certainty(use, _joined(seen, between or "", doubts))
    pairs = [(scaling, pair) for scaling in scalings for pair in scaling.without]
    if not pairs:
        return Certainty(sure=_joined(evidence_of(cells), doubts))
    scaling, pair = pairs[0]
    ahead = pair.higher if BY_KEY[scaling.metric].more_is_better else pair.lower
    unclear = f"undecided at {len(pair.unclear)} of {len(pair.values)} values" if pair.unclear else ""
    equal = equal_at(pair)
    equally = f"equal at {len(equal)} of {len(pair.values)} values" if equal else ""
    unclear = "; ".join(filter(None, [_ends(pair), equally, unclear]))
    seen = evidence(pair.rounds, pair.boots)
    known, probably = known_part(scaling, pair), _probably(pair.rounds, pair.boots, doubts)
    if known:
        use = f"{probably}{known.ahead} {known.where}; undecided {known.beyond}"
    elif equal == pair.values:
        use = f"{probably}either, in the whole range"
    else:
        use = f"{probably}{ahead} in the whole range" if not pair.unclear else ""
    cheaper = _cheaper(rows)
    use = use or ("which is faster is undecided" if cheaper else UNKNOWN)
    return Certainty(_joined(use, cheaper), _joined(seen, unclear, doubts))


def _ends(pair: NoCrossover) -> str:
    """The interval that is nearest to 1 of those that are clear: `1.00 to 1.63 times where it is closest (95 %)`."""
    open_ = (*pair.unclear, *equal_at(pair))
    clear = [each.ci95 for each in pair.ratios if each.x not in open_ and each.ci95 is not None]
    sizes = [(low, high) if low >= 1 else (1 / high, 1 / low) for low, high in clear]
    if not sizes:
        return ""
    low, high = min(sizes)
    return f"{bound(low)} to {bound(high)} times where it is closest (95 %)"


def _cheaper(rows: Sequence[OverviewRow]) -> str:
    """`asyncio for less CPU` where it takes less in all of them; rates say nothing of that."""
    effects = [row.cpu for row in rows if row.cpu is not None]
    standings = {effect.standing for effect in effects}
    parties = {(row.first.name, row.second.name) for row in rows}
    if len(parties) != 1 or len(standings) != 1 or not standings <= {"first", "second"}:
        return ""
    ((first, second),) = parties
    probably = "probably " if any(effect.few for effect in effects) or any(row.doubts for row in rows) else ""
    return f"{probably}{first if standings == {'first'} else second} for less CPU"


def of_layers(results: Results, cells: Sequence[Cell]) -> Certainty:
    """What the work takes in process and through the cheapest queue; how well the largest layer is known."""
    one = main_of(results)
    if one is None:
        return Certainty()
    costs = [(cost, cell) for cell in cells if cell.summary and (cost := CPU.in_summary(cell.summary)) is not None]
    own = min(((cost, cell) for cost, cell in costs if cell.side == "asyncio"), key=lambda each: each[0], default=None)
    others = min(
        ((cost, cell) for cost, cell in costs if cell.side != "asyncio"), key=lambda each: each[0], default=None
    )
    use = ""
    if own is not None and others is not None and own[0] < others[0]:
        inside, outside = number(own[0], 2, 3), number(others[0], 2, 3)
        use = f"{own[1].label} ({inside} ms) unless work must leave its process: then {outside} ms or more"
    known = sorted((layer for layer in one.layers[1:] if not is_undecided(layer)), key=lambda layer: -layer.share)
    open_ones = [layer.name for layer in one.layers[1:] if is_undecided(layer)]
    sure = [evidence(one.rounds, one.boots)]
    sure += [
        f"{top.name} {number(top.ci95[0], 2)} to {number(top.ci95[1], 2)} ms (95 %)" for top in known[:1] if top.ci95
    ]
    sure += [f"undecided: {listed(open_ones)}"] if open_ones else []
    return Certainty(use, _joined(*sure, doubted_in([kinds_of([cell]) for cell in cells])))


def of_search(cells: Sequence[Cell]) -> Certainty:
    """The contender with the highest rate that held in all rounds."""
    searched = [cell for cell in cells if cell.highest_rate]
    found = [
        (cell.highest_rate.rate_per_s, cell) for cell in searched if cell.highest_rate and cell.highest_rate.rate_per_s
    ]
    doubts = doubted_in([kinds_of([cell]) for cell in searched])
    if not found:
        return Certainty(sure=doubts)
    rate, best = max(found, key=lambda each: each[0])
    rounds = min(len({(trial.boot, trial.round) for trial in cell.counted}) for _, cell in found)
    held = "its only round" if rounds == 1 else f"all {rounds} rounds"
    sure = f"each rate held in {held}" if rounds else ""
    return Certainty(f"{best.label}, up to {number(rate, 4)}/s", _joined(sure, doubts))


def _probably(rounds: int, boots: int, doubts: str) -> str:
    """What stands before it where doubts weigh, or where there are too few rounds or starts for a verdict."""
    return "probably " if doubts or rounds < ROUNDS_FOR_VERDICT or boots < BOOTS_FOR_VERDICT else ""


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))

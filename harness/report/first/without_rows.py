"""The headline of a run in which no two rows are compared: a search, a sweep, a no-op, or nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from harness.report.first.headline import fitting, qualifiers_of
from harness.report.first.overview import NAMES
from harness.report.first.screen import OverviewRow
from harness.report.pairs import Pair, has_figures
from harness.report.table import number
from harness.report.wording import at_value, counted, rounded
from harness.results.model import Cell, NoCrossover, Results, Scaling
from harness.results.text import as_given
from harness.statistics.metrics import BY_KEY, CPU, PUBLISH_RATE, THROUGHPUT, sustained
from harness.statistics.verdicts import equal_at

BECAME = {"failed": "failed", "impossible": "is impossible", "disqualified": "is disqualified"}
"""What a headline says of a row without figures, by its status."""


def of_search(cells: Sequence[Cell]) -> str | None:
    """The highest rate of each side; None where none was searched."""
    searched = [cell for cell in cells if cell.highest_rate]
    if not searched:
        return None
    found = [
        (cell.highest_rate.rate_per_s, cell) for cell in searched if cell.highest_rate and cell.highest_rate.rate_per_s
    ]
    limit = next(cell.highest_rate.limit for cell in searched if cell.highest_rate)
    if not found:
        return fitting([f"No rate was found that holds {limit}"])
    found.sort(key=lambda pair: -pair[0])
    best = [
        next((pair for pair in found if pair[1].side == side), None) for side in dict.fromkeys(c.side for _, c in found)
    ]
    texts = [f"{cell.label} up to {number(rate, 4)}/s" for rate, cell in (pair for pair in best if pair)]
    first, *others = texts
    sentence = ", ".join([first.replace(" up to", f" holds {limit} up to", 1), *others])
    return fitting([sentence], uncertain=qualifiers_of([cell for _, cell in (pair for pair in best if pair)]))


def of_sweeps(scalings: Sequence[Scaling], rows: Sequence[OverviewRow] = ()) -> str | None:
    """Where sides change places; None without a sweep that compares them. `rows`: what makes it uncertain."""
    comparing = [scaling for scaling in scalings if scaling.crossovers or scaling.without]
    crossing = [scaling for scaling in comparing if scaling.crossovers]
    if crossing:
        scaling = crossing[0]
        cross = scaling.crossovers[0]
        behind, ahead = (
            (cross.first, cross.second) if BY_KEY[scaling.metric].more_is_better else (cross.second, cross.first)
        )
        interval = f" ({rounded(cross.ci95[0])}–{rounded(cross.ci95[1])})" if cross.ci95 else ""
        few = f"; crossovers in {len(crossing)} of {len(comparing)} sweeps" if len(comparing) > 1 else ""
        text = f"{ahead} overtakes {behind} at about {at_value(scaling, rounded(cross.at), interval)}"
        return fitting([text + few, text], rows)
    return _without(comparing, rows) if comparing else None


def _without(comparing: Sequence[Scaling], rows: Sequence[OverviewRow]) -> str:
    clear = [pair for scaling in comparing for pair in scaling.without if not pair.unclear]
    pairs = [pair for scaling in comparing for pair in scaling.without]
    if len(clear) < len(pairs) == 1:
        scaling = next(scaling for scaling in comparing if scaling.without)
        if (known := known_part(scaling, pairs[0])) is not None:
            better = "faster" if scaling.metric == THROUGHPUT.key else "ahead"
            where = f"{better} {known.where}; undecided {known.beyond}"
            return fitting([f"{known.ahead} is {where}", f"{known.ahead} {where}"], rows)
        return fitting([f"Undecided whether {pairs[0].higher} and {pairs[0].lower} change places"], rows)
    if len(clear) < len(pairs):
        return fitting(
            [f"Undecided whether sides change places: {len(pairs) - len(clear)} of {len(pairs)} comparisons"],
            rows,
        )
    more = BY_KEY[comparing[0].metric].more_is_better
    apart = [pair for pair in pairs if equal_at(pair) != pair.values]
    if not apart:
        names = f"{pairs[0].higher} and {pairs[0].lower}" if len(pairs) == 1 else "the sides"
        what = "speed" if comparing[0].metric == THROUGHPUT.key else BY_KEY[comparing[0].metric].title
        return fitting(
            [
                f"No difference in {what} at any value of {comparing[0].over}: {names} are equal",
                f"No difference in {what} at any value: {names} are equal",
            ],
            rows,
        )
    ahead = {pair.higher if more else pair.lower for pair in apart}
    name = ahead.pop() if len(ahead) == 1 else "the same side"
    partly = any(map(equal_at, pairs))
    said = f"{name} is ahead or equal at all values" if partly else f"{name} stays ahead"
    return fitting(
        [f"No crossover in {counted(len(comparing), 'sweep')}: {said}", f"No crossover: {said}"],
        rows,
    )


class Part(NamedTuple):
    """Where in a sweep one is seen to be ahead, if the rest is undecided."""

    ahead: str
    where: str
    """`from 20 % of the time spent computing on`."""
    beyond: str
    """`below`."""


def known_part(scaling: Scaling, pair: NoCrossover) -> Part | None:
    """None where what is unclear lies between what is clear, or at no end is one ahead at all that is clear."""
    values, clear = pair.values, [value for value in pair.values if value not in pair.unclear]
    if set(equal_at(pair)) & set(clear):
        return None
    ahead = pair.higher if BY_KEY[scaling.metric].more_is_better else pair.lower
    if not clear or len(clear) == len(values):
        return None
    if values[-len(clear) :] == clear:
        return Part(ahead, f"from {_at(clear[0], scaling)} on", "below")
    return Part(ahead, f"up to {_at(clear[-1], scaling)}", "above") if values[: len(clear)] == clear else None


def _at(value: float, scaling: Scaling) -> str:
    return at_value(scaling, as_given(value))


def of_no_ops(pairs: Sequence[Pair]) -> str | None:
    """What each side costs by itself: figures instead of a ratio; None where there is work."""
    idle = [pair for pair in pairs if pair.without_work]
    if not idle or len(idle) < len(pairs):
        return None
    base, rival = idle[0].base, idle[0].rival
    if (text := _published(base, rival)) is not None:
        return text
    costs = [CPU.in_summary(cell.summary) if cell.summary else None for cell in (base, rival)]
    names = [NAMES.get(cell.side, cell.side) if idle[0].across else cell.label for cell in (base, rival)]
    if None in costs:
        return fitting(["A no-op has no ratio: it shows each side's own cost"])
    first, second = (
        f"{name} {number(cost, 2)} ms" for name, cost in zip(names, costs, strict=True) if cost is not None
    )
    sentence = f"CPU of a no-op, each side's own cost: {first}, {second}"
    shorter = f"CPU of a no-op: {first}, {second}"
    return fitting([sentence, shorter], uncertain=qualifiers_of([base, rival]))


def _published(base: Cell, rival: Cell) -> str | None:
    """How fast backlogs of no-ops were published; None of other loads."""
    rates = [PUBLISH_RATE.of_cell(cell) for cell in (base, rival)]
    texts = [f"{cell.label} {number(rate, 4)}/s" for cell, rate in zip((base, rival), rates, strict=True) if rate]
    if len(texts) < len(rates):
        return None
    return fitting([f"No-ops, published: {', '.join(texts)}"], uncertain=qualifiers_of([base, rival]))


def of_rest(results: Results) -> str:
    """What there is to say where nothing is compared."""
    shown = {view.name for view in results.run.views}
    cells = [cell for cell in results.cells if shown & set(cell.views)]
    measured = [cell for cell in cells if has_figures(cell)]
    if not measured:
        if not cells or any(cell.status == "pending" for cell in cells):
            return fitting(["No figures yet"])
        return fitting(
            [
                f"No figures: {cells[0].status}, all {len(cells)} rows"
                if len(cells) > 1
                else f"No figures: {cells[0].status}"
            ]
        )
    without = [cell for cell in cells if cell not in measured]
    if to_come := [cell for cell in without if cell.status == "pending"]:
        return fitting([f"Not compared yet: {len(to_come)} of {len(cells)} rows are still to come"])
    if without:
        others = len(without) - 1
        more = f"; {counted(others, 'more row')} {'has' if others == 1 else 'have'} no figures" if others else ""
        return fitting([f"Not compared: {without[0].label} {BECAME.get(without[0].status, 'has no figures')}{more}"])
    late = [cell for cell in measured if not all(map(sustained, cell.counted))]
    if late:
        return fitting([f"{late[0].label} did not sustain {late[0].load.text}, so latency is not compared"])
    lossy = [cell for cell in measured if THROUGHPUT.of_cell(cell) is None]
    if lossy:  # that of what came through alone would be none
        return _without_rate(lossy[0])
    best = max(measured, key=lambda cell: THROUGHPUT.of_cell(cell) or 0.0)
    rate, uncertain = number(THROUGHPUT.of_cell(best) or 0.0, 4), qualifiers_of([best])
    if len(measured) == 1:
        served = f"{best.workload}: {best.label} served {rate} requests/s"
        return fitting([f"{served}; nothing to compare", served], uncertain=uncertain)
    if len({cell.label for cell in measured}) == 1:
        return fitting([f"Only {best.label} was measured, so there is nothing to compare"])
    most = f"the most: {best.label}, {rate} requests/s"
    return fitting([f"Not comparable, because nothing is matched; {most}", f"Not matched; {most}"], uncertain=uncertain)


def _without_rate(cell: Cell) -> str:
    """Of a cell that lost requests."""
    answered, asked = sum(trial.ok for trial in cell.counted), sum(trial.submitted for trial in cell.counted)
    return fitting([f"{cell.workload}: {cell.label} answered {answered:,} of {asked:,} requests, so it has no rate"])

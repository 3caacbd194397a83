"""How figures depend on slots, on the load or on a workload's parameter."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from harness.report.doubted import in_a_sentence
from harness.report.table import Column, Note, Row, Section, Table
from harness.report.wording import at_value, indicative, interval_of, listed, rounded
from harness.results.model import Crossover, NoCrossover, RatioAt, Results, Scaling, View
from harness.statistics.metrics import BY_KEY
from harness.statistics.sweeps import scalings
from harness.statistics.verdicts import equal_at


def sections(document: Results, view: View, *, shown: bool) -> Iterable[Section]:
    """One for each number that varies; `shown` where its lines show more than the points."""
    of_view = scalings(document.cells, [view])
    doubts = in_a_sentence(cell for cell in document.cells if view.name in cell.views)
    for (over, fixed), same in groupby(of_view, key=lambda scaling: (scaling.over, scaling.fixed)):
        of_number = list(same)
        yield Section(
            title=f"By {over}: {fixed} — {view.name}",
            about=f"what {over} changes, all else equal",
            tables=[_table(scaling, shown=shown and bool(_compares(scaling))) for scaling in of_number],
            scalings=of_number,
            doubts=doubts,
        )


def _compares(scaling: Scaling) -> bool:
    return bool(scaling.crossovers or scaling.without)


def _table(scaling: Scaling, *, shown: bool) -> Table:
    metric = BY_KEY[scaling.metric]
    lines = {curve.contender: {point.x: point.y for point in curve.points} for curve in scaling.curves}
    return Table(
        key=f"scaling-{metric.key}",
        title=f"{metric.title} by {scaling.over}",
        about="",
        columns=(
            Column("x", scaling.over, scaling.unit, 6, given=True),
            *(Column.of(metric, key=line, title=line) for line in lines),
        ),
        rows=[
            Row({"x": x, **{line: points.get(x) for line, points in lines.items()}})
            for x in sorted({x for points in lines.values() for x in points})
        ],
        notes=[Note(text) for text in in_words(scaling)],
        detail=not shown,
    )


def in_words(scaling: Scaling) -> Iterator[str]:
    """Where the sides change places, and between which of them they do not."""
    for crossing in scaling.crossovers:
        yield _crossover(scaling, crossing)
    statements: dict[tuple[str, str], list[str]] = {}
    for pair in scaling.without:
        if pair.unclear:
            yield _undecided(scaling, pair)
            continue
        better, other, template = _no_crossover(scaling, pair)
        statements.setdefault((better, template), []).append(other)
    for (better, template), others in sorted(statements.items()):
        yield template.format(better=better, others=listed(others))


def _crossover(scaling: Scaling, crossing: Crossover) -> str:
    """Names the one that is better behind the crossover first: it overtakes."""
    at = at_value(scaling, rounded(crossing.at))
    behind, ahead = crossing.first, crossing.second
    if not BY_KEY[scaling.metric].more_is_better:
        behind, ahead = ahead, behind
    interval = "no interval"
    if crossing.ci95 is not None:
        interval = f"95 % interval {rounded(crossing.ci95[0])}–{rounded(crossing.ci95[1])}"
    few = indicative(crossing.rounds, crossing.boots)
    return f"{ahead} overtakes {behind} at about {at} ({interval}{few})."


def _no_crossover(scaling: Scaling, pair: NoCrossover) -> tuple[str, str, str]:
    """The better of two that do not change places, the other, and a sentence on it and such others."""
    better, other = _better_first(scaling, pair)
    few = indicative(pair.rounds, pair.boots)
    equal = equal_at(pair)
    if equal == pair.values:
        return better, other, f"No difference {_scope(scaling, pair)} between {{better}} and {{others}}{few}."
    exception = f", with no difference at {_values(equal)}" if equal else ""
    return (
        better,
        other,
        f"No crossover {_scope(scaling, pair)}: {{better}} stays {_side(scaling)} {{others}}{exception}{few}.",
    )


def _undecided(scaling: Scaling, pair: NoCrossover) -> str:
    """What is not known, with its ratios; and where one is ahead."""
    better, other = _better_first(scaling, pair)
    open_ = [at for at in pair.ratios if at.x in pair.unclear]
    ratios = listed([f"{at.ratio:.2f}{_interval(at)} at {_as_in_a_plan(at.x)}" for at in open_])
    clear = [x for x in pair.values if x not in (*pair.unclear, *equal_at(pair))]
    ahead = f"; {better} is {_side(scaling)} {other} at {_values(clear)}" if clear else ""
    few = indicative(pair.rounds, pair.boots)
    return (
        f"Undecided {_scope(scaling, pair)} whether {better} and {other} change places: "
        f"{pair.higher} ÷ {pair.lower} is {ratios}{ahead}{few}."
    )


def _better_first(scaling: Scaling, pair: NoCrossover) -> tuple[str, str]:
    more = BY_KEY[scaling.metric].more_is_better
    return (pair.higher, pair.lower) if more else (pair.lower, pair.higher)


def _scope(scaling: Scaling, pair: NoCrossover) -> str:
    return f"in the range from {_with_unit(scaling, pair.values[0])} to {_with_unit(scaling, pair.values[-1])}"


def _side(scaling: Scaling) -> str:
    return "above" if BY_KEY[scaling.metric].more_is_better else "below"


def _interval(at: RatioAt) -> str:
    return f" ({interval_of(at.ci95)})" if at.ci95 else " (a single round)"


def _values(numbers: list[float]) -> str:
    return listed([_as_in_a_plan(x) for x in numbers])


def _with_unit(scaling: Scaling, value: float) -> str:
    return f"{_as_in_a_plan(value)} {scaling.unit}".strip()


def _as_in_a_plan(value: float) -> str:
    return f"{value:,.7g}"

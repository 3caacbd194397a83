"""How figures depend on slots, on the load or on a workload's parameter."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from harness.report.table import Column, Note, Row, Section, Table
from harness.report.wording import indicative, listed, rounded
from harness.results.model import Crossover, NoCrossover, Results, Scaling, View
from harness.statistics.metrics import BY_KEY
from harness.statistics.sweeps import scalings


def sections(document: Results, view: View, *, shown: bool) -> Iterable[Section]:
    """One for each number that varies; `shown` where its lines show more than the points."""
    of_view = scalings(document.cells, [view])
    for (over, fixed), same in groupby(of_view, key=lambda scaling: (scaling.over, scaling.fixed)):
        of_number = list(same)
        yield Section(
            title=f"By {over}: {fixed} — {view.name}",
            about=f"what {over} changes, all else equal",
            tables=[_table(scaling, shown=shown and bool(_compares(scaling))) for scaling in of_number],
            scalings=of_number,
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
            Column("x", scaling.over, scaling.unit, 6),
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
        better, other, template = _no_crossover(scaling, pair)
        statements.setdefault((better, template), []).append(other)
    for (better, template), others in sorted(statements.items()):
        yield template.format(better=better, others=listed(others))


def _crossover(scaling: Scaling, crossing: Crossover) -> str:
    """Names the one that is better behind the crossover first: it overtakes."""
    at = f"{rounded(crossing.at)} {scaling.unit}".strip()
    behind, ahead = crossing.first, crossing.second
    if not BY_KEY[scaling.metric].more_is_better:
        behind, ahead = ahead, behind
    interval = "no interval"
    if crossing.ci95 is not None:
        interval = f"95 % interval {rounded(crossing.ci95[0])}–{rounded(crossing.ci95[1])}"
    return f"{ahead} overtakes {behind} at about {at} of {scaling.over} ({interval}{indicative(crossing.rounds)})."


def _no_crossover(scaling: Scaling, pair: NoCrossover) -> tuple[str, str, str]:
    """The better of two that do not change places, the other, and a sentence on it and such others."""
    more = BY_KEY[scaling.metric].more_is_better
    better, other = (pair.higher, pair.lower) if more else (pair.lower, pair.higher)
    scope = f"in the range from {_with_unit(scaling, pair.values[0])} to {_with_unit(scaling, pair.values[-1])}"
    few = indicative(pair.rounds)
    if pair.unclear == pair.values:
        return better, other, f"{{better}} and {{others}} cannot be told apart anywhere {scope}{few}."
    unclear = listed([_as_in_a_plan(x) for x in pair.unclear])
    exception = f", though at {unclear} they cannot be told apart" if unclear else ""
    stays = "above" if more else "below"
    return better, other, f"No crossover {scope}: {{better}} stays {stays} {{others}}{exception}{few}."


def _with_unit(scaling: Scaling, value: float) -> str:
    return f"{_as_in_a_plan(value)} {scaling.unit}".strip()


def _as_in_a_plan(value: float) -> str:
    return f"{value:,.7g}"

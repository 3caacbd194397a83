"""How figures depend on slots, on the load or on a workload's parameter."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from harness.report.table import Column, Note, Row, Section, Table, number
from harness.results.model import Crossover, NoCrossover, Results, Scaling, View
from harness.statistics.comparisons import is_better_above
from harness.statistics.intervals import ROUNDS_FOR_VERDICT
from harness.statistics.sweeps import scalings

FIGURES: dict[str, tuple[str, str]] = {
    "throughput_per_s": ("requests", "/s"),
    "latency_p50_ms": ("p50 latency", "ms"),
    "latency_p99_ms": ("p99 latency", "ms"),
}
"""Metric → what it is called, and its unit."""


def sections(document: Results, view: View, *, shown: bool) -> Iterable[Section]:
    """One for each number that varies; `shown` where its lines tell more than the points."""
    found = scalings(document.cells, [view])
    for (over, fixed), same in groupby(found, key=lambda one: (one.over, one.fixed)):
        ones = list(same)
        yield Section(
            title=f"By {over}: {fixed} — {view.name}",
            about=f"what {over} changes, all else equal",
            tables=[_table(one, shown=shown and bool(one.crossovers or one.without)) for one in ones],
            scalings=ones,
        )


def told(one: Scaling) -> Iterator[str]:
    """Where the sides change places, and between whom there is no such place."""
    for crossing in one.crossovers:
        yield _crossover(one, crossing)
    for (better, words), same in groupby(sorted((_none(one, pair) for pair in one.without), key=_alike), key=_alike):
        others = _listed([other for _, _, other in same])
        yield words.format(better=better, others=others)


def _alike(pair: tuple[str, str, str]) -> tuple[str, str]:
    return pair[:2]


def _none(one: Scaling, pair: NoCrossover) -> tuple[str, str, str]:
    """The better of two that do not change places, a sentence on it and others, and the other."""
    more = is_better_above(one.metric)
    better, other = (pair.higher, pair.lower) if more else (pair.lower, pair.higher)
    scope = f"in the range from {_with_unit(one, pair.values[0])} to {_with_unit(one, pair.values[-1])}"
    few = _indicative(pair.rounds)
    if pair.unclear == pair.values:
        return better, f"Nowhere {scope} can {{better}} and {{others}} be told apart{few}.", other
    apart = (
        f", though at {_listed([_number(x) for x in pair.unclear])} they cannot be told apart" if pair.unclear else ""
    )
    stays = "above" if more else "below"
    return better, f"No crossover {scope}: {{better}} stays {stays} {{others}}{apart}{few}.", other


def _crossover(one: Scaling, crossing: Crossover) -> str:
    """The one that is better after it overtakes."""
    at = f"{number(crossing.at, 2)} {one.unit}".strip()
    behind, ahead = crossing.first, crossing.second
    if not is_better_above(one.metric):
        behind, ahead = ahead, behind
    known = "no interval" if crossing.ci95 is None else "95 % interval " + "–".join(number(x, 2) for x in crossing.ci95)
    return f"{ahead} overtakes {behind} at about {at} of {one.over} ({known}{_indicative(crossing.rounds)})."


def _indicative(rounds: int) -> str:
    if rounds >= ROUNDS_FOR_VERDICT:
        return ""
    return f"; indicative, {rounds} round{'' if rounds == 1 else 's'}"


def _with_unit(one: Scaling, value: float) -> str:
    return f"{_number(value)} {one.unit}".strip()


def _number(value: float) -> str:
    """As a plan has it."""
    return f"{value:,.7g}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _table(one: Scaling, *, shown: bool) -> Table:
    name, unit = FIGURES[one.metric]
    digits, decimals = (4, 9) if unit == "/s" else (3, 3)
    lines = {curve.contender: {point.x: point.y for point in curve.points} for curve in one.curves}
    return Table(
        key=f"scaling-{one.metric}",
        title=f"{name.capitalize()} {unit} by {one.over}",
        about="",
        columns=(
            Column("x", one.over, one.unit, 6),
            *(Column(line, line, unit, digits, decimals=decimals) for line in lines),
        ),
        rows=[
            Row({"x": x, **{line: known.get(x) for line, known in lines.items()}})
            for x in sorted({x for known in lines.values() for x in known})
        ],
        notes=[Note(text) for text in told(one)],
        detail=not shown,
    )

"""How figures depend on slots, on the load or on a workload's parameter."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from harness.compare import is_better_above
from harness.model import Crossover, Results, Scaling, View
from harness.scaling import scalings
from harness.table import Column, Note, Row, Section, Table, number

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
    values = [point.x for curve in one.curves for point in curve.points]
    low, high = _with_unit(one, min(values)), _with_unit(one, max(values))
    more = is_better_above(one.metric)
    pairs = [(pair.higher, pair.lower) if more else (pair.lower, pair.higher) for pair in one.without]
    unclear = [tuple(pair.unclear) for pair in one.without]
    stays = "above" if more else "below"
    for (better, at), same in groupby(sorted(zip(pairs, unclear, strict=True), key=_leader), key=_leader):
        others = _listed([other for (_, other), _ in same])
        apart = f", though at {_listed([_number(x) for x in at])} they cannot be told apart" if at else ""
        yield f"No crossover in the range from {low} to {high}: {better} stays {stays} {others}{apart}."


def _leader(pair: tuple[tuple[str, str], tuple[float, ...]]) -> tuple[str, tuple[float, ...]]:
    return pair[0][0], pair[1]


def _crossover(one: Scaling, crossing: Crossover) -> str:
    """The one that is better after it overtakes."""
    at = f"{number(crossing.at, 2)} {one.unit}".strip()
    behind, ahead = crossing.first, crossing.second
    if not is_better_above(one.metric):
        behind, ahead = ahead, behind
    ends = ""
    if crossing.ci95 is not None:
        low, high = crossing.ci95
        if low is None and high is None:
            ends = " (95 % interval: anywhere in the range)"
        elif high is None and low is not None:
            ends = f" (95 % interval: from {number(low, 2)})"
        elif low is None and high is not None:
            ends = f" (95 % interval: up to {number(high, 2)})"
        elif low is not None and high is not None:
            ends = f" (95 % interval {number(low, 2)}–{number(high, 2)})"
    return f"{ahead} overtakes {behind} at about {at} of {one.over}{ends}."


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

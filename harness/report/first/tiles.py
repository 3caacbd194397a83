"""At most four tiles: what the workload is about, a latency, CPU and memory, each of both sides with its interval."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from harness.report.doubted import kinds_of
from harness.report.first.effects import effect_of
from harness.report.first.screen import SEEN_ONCE, Effect, Figure, Tile
from harness.report.leading import lead_of
from harness.report.pairs import Pair, Pairs
from harness.report.table import number, spread_text
from harness.results.model import Cell, Interval, Results, View
from harness.statistics.metrics import BY_KEY, CPU, MEMORY, PUBLISH_RATE, THROUGHPUT, Metric

PERCENTILES = ("p99", "p90", "p50")
"""The first of these that both have is shown."""
RANKED_PERCENTILES = ("p99", "p50")
Known = Callable[[str], Effect | None]
"""Key of a metric → how the two compare by it; None where they are not compared."""


class _Value(NamedTuple):
    """A figure of a row, with its interval if that is known."""

    value: float | None
    interval: Interval | None = None


def nothing_known(_: str) -> None:
    """Of cells that are not compared."""


def known_of(results: Results, view: View, pair: Pair, key: str) -> Effect | None:
    """How a pair compares by that metric; its speed only where the set-up does not decide it."""
    if pair.without_work or (pair.why and BY_KEY[key].kind != "cost"):
        return None
    comparison = Pairs(results, view).comparison(pair.base, pair.rival, BY_KEY[key])
    return effect_of(comparison) if comparison else None


def tiles(cells: Sequence[Cell], known: Known = nothing_known) -> list[Tile]:
    """Of these two (or fewer, or more), the first one first."""
    return list(_tiles([cell for cell in cells if cell.summary], known))


def _tiles(cells: Sequence[Cell], known: Known) -> Iterator[Tile]:
    if not cells:
        return
    searched = [_Value(cell.highest_rate.rate_per_s if cell.highest_rate else None) for cell in cells]
    if all(each.value for each in searched):
        yield _tile("highest rate", cells, searched, (4, "/s"))
    else:
        yield _leading(cells, known)
    yield from _second(cells, known)
    for metric, title, unit in ((CPU, "CPU a request", " ms"), (MEMORY, "memory", " MB")):
        values = [_of_metric(metric, cell) for cell in cells]
        if any(each.value is not None for each in values):
            yield _tile(title, cells, values, (3, unit), known(metric.key))


def _second(cells: Sequence[Cell], known: Known) -> Iterator[Tile]:
    """A latency; of a backlog, whose latencies are its length, the rate of publishing; of a burst, how long it took."""
    published = [_Value(PUBLISH_RATE.of_cell(cell)) for cell in cells]
    if any(each.value for each in published):
        yield _tile("published", cells, published, (4, "/s"))
        return
    spans = [cell.summary.makespan_ms if cell.summary else None for cell in cells]
    if all(spans):
        yield _tile("all done, mean", cells, [_Value((span or {}).get("all")) for span in spans], (3, " ms"))
        return
    for percentile in PERCENTILES:
        values = [_latency(cell, percentile) for cell in cells]
        if all(each.value is not None for each in values):
            effect = known(f"latency_{percentile}_ms") if percentile in RANKED_PERCENTILES else None
            tile = _tile(percentile, cells, values, (3, " ms"), effect)
            compared = tile.mark or effect is not None or known is nothing_known
            yield tile if compared else tile._replace(mark="not compared")
            return


def _leading(cells: Sequence[Cell], known: Known) -> Tile:
    """What the workload is about."""
    lead = lead_of(cells[0].workload)
    if lead.metric is not None:
        values = [_Value(THROUGHPUT.of_cell(cell), _of_summary(THROUGHPUT, cell)) for cell in cells]
        return _tile("requests/s", cells, values, (4, "/s"), known(THROUGHPUT.key))
    means = [lead.of_cell(cell) for cell in cells]
    values = [_Value(mean.value, mean.interval) if mean else _Value(None) for mean in means]
    return _tile(lead.measure.name, cells, values, (3, f" {lead.unit}"))


def _of_summary(metric: Metric, cell: Cell) -> Interval | None:
    return metric.interval(cell.summary) if cell.summary else None


def _of_metric(metric: Metric, cell: Cell) -> _Value:
    """The mean of the row, and the interval of its trials."""
    estimate, value = metric.estimated(cell), metric.in_summary(cell.summary) if cell.summary else None
    interval = estimate and estimate.interval()
    inside = value is not None and interval is not None and interval[0] <= value <= interval[1]
    return _Value(value, interval if inside else None)


def _latency(cell: Cell, percentile: str) -> _Value:
    if cell.summary is None:
        return _Value(None)
    value: float | None = getattr(cell.summary.latency_ms, percentile, None)
    return _Value(value, cell.summary.latency_ci95_ms.get(percentile))


def _text(value: float | None, digits: int, unit: str) -> str:
    return "–" if value is None else f"{number(value, digits, 3)}{unit}"


def _tile(
    title: str, cells: Sequence[Cell], values: Sequence[_Value], written: tuple[int, str], effect: Effect | None = None
) -> Tile:
    """`written`: significant digits, and the unit."""
    figures = [
        Figure(
            cell.label,
            _text(each.value, *written),
            cell.side,
            spread_text(each.value, each.interval) or "",
            bool(kinds_of([cell])),
        )
        for cell, each in zip(cells, values, strict=True)
    ]
    return Tile(title, figures, _mark(cells, effect))


def _mark(cells: Sequence[Cell], effect: Effect | None) -> str:
    """Why nothing separates them."""
    if all(len(cell.counted) == 1 for cell in cells):
        return SEEN_ONCE
    if effect is not None and effect.single:
        return "of one start" if effect.rounds > 1 else SEEN_ONCE
    return effect.standing if effect is not None and effect.standing in ("undecided", "equal") else ""

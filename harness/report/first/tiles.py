"""At most four tiles: what the workload is about, a latency, CPU and memory, each of both sides."""

from collections.abc import Iterator, Sequence

from harness.report.first.screen import Figure, Tile
from harness.report.leading import lead_of
from harness.report.table import number
from harness.results.model import Cell, Latency
from harness.statistics.metrics import CPU, MEMORY, PUBLISH_RATE, THROUGHPUT

PERCENTILES = ("p99", "p90", "p50")
"""The first of these that both have is shown."""


def tiles(cells: Sequence[Cell]) -> list[Tile]:
    """Of these two (or fewer), the first one first."""
    return list(_tiles([cell for cell in cells if cell.summary]))


def _tiles(cells: Sequence[Cell]) -> Iterator[Tile]:
    if not cells:
        return
    searched = [cell.highest_rate and cell.highest_rate.rate_per_s for cell in cells]
    if all(searched):
        yield _tile("highest rate", cells, [f"{number(rate, 4)}/s" for rate in searched if rate])
    else:
        yield _leading(cells)
    yield from _second(cells)
    for metric, title, unit in ((CPU, "CPU a request", " ms"), (MEMORY, "memory", " MB")):
        values = [metric.in_summary(cell.summary) if cell.summary else None for cell in cells]
        if any(value is not None for value in values):
            yield _tile(title, cells, [_text(value, 3, unit) for value in values])


def _second(cells: Sequence[Cell]) -> Iterator[Tile]:
    """A latency; of a backlog, whose latencies are its length, the rate of publishing."""
    published = [PUBLISH_RATE.of_cell(cell) for cell in cells]
    if any(published):
        yield _tile("published", cells, [_text(rate, 4, "/s") for rate in published])
        return
    for percentile in PERCENTILES:
        values = [_latency(cell, percentile) for cell in cells]
        if None not in values:
            yield _tile(percentile, cells, [_text(value, 3, " ms") for value in values])
            return


def _leading(cells: Sequence[Cell]) -> Tile:
    """What the workload is about."""
    lead = lead_of(cells[0].workload)
    if lead.metric is not None:
        return _tile("requests/s", cells, [_text(THROUGHPUT.of_cell(cell), 4, "/s") for cell in cells])
    means = [lead.of_cell(cell) for cell in cells]
    return _tile(lead.measure.name, cells, [_text(mean and mean.value, 3, f" {lead.unit}") for mean in means])


def _latency(cell: Cell, percentile: str) -> float | None:
    latency: Latency | None = cell.summary.latency_ms if cell.summary else None
    value: float | None = getattr(latency, percentile, None)
    return value


def _text(value: float | None, digits: int, unit: str) -> str:
    return "–" if value is None else f"{number(value, digits, 3)}{unit}"


def _tile(title: str, cells: Sequence[Cell], texts: Sequence[str]) -> Tile:
    return Tile(title, [Figure(cell.label, text, cell.side) for cell, text in zip(cells, texts, strict=True)])

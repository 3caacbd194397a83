"""Where the CPU of a request goes, in a sentence."""

from collections.abc import Iterator

from harness.report.answers.figures import carried
from harness.report.tables.profile import BROKER, Part, parts_of
from harness.report.wording import amount
from harness.results.model import Cell, Results
from harness.statistics.metrics import CPU
from harness.statistics.units import percent

NAMED_MOST = 6


def sentences(results: Results) -> Iterator[str]:
    """One for each row that was sampled."""
    for cell in results.cells:
        if cell.profiled and (parts := parts_of(cell)):
            yield f"{_sentence(cell, parts)}{carried([cell])}"


def _sentence(cell: Cell, parts: list[Part]) -> str:
    whole_ms = CPU.in_summary(cell.summary) if cell.summary else None
    named = [f"{part.package if part.role else BROKER} {percent(part.percent / 100)}" for part in parts[:NAMED_MOST]]
    more = sum(part.percent for part in parts[NAMED_MOST:])
    rest = [f"others {percent(more / 100)}"] if more else []
    of = "of its CPU" if whole_ms is None else f"of {amount(whole_ms)} ms CPU a request"
    return f"Profile, {cell.workload}, {cell.label}, {cell.load.text}: {of}: {', '.join([*named, *rest])}."

"""How to read the tables: what holds for all of a run's tables, each said once."""

from collections.abc import Iterable, Iterator

from harness.report.deviations import NAMES, noted
from harness.report.pairs import ranked_in
from harness.report.table import BLANK, Section
from harness.report.tables.own_job import is_own
from harness.report.tables.results import BEST, BEST_INDICATIVE
from harness.report.wording import listed
from harness.results.model import RANKED, Cell, Results
from harness.statistics.groups import groups

MEMORY_KINDS = {"pss": "PSS (pages that processes share count once)", "rss": "RSS (shared pages count for each)"}


def reading(document: Results, sections: Iterable[Section]) -> Iterator[str]:
    """One line for each."""
    names = {view.name for view in document.run.views}
    cells = [cell for cell in document.cells if names & set(cell.views)]
    yield from _marks(sections)
    if _judged_together(document):
        yield (
            f"Rows are judged together, each metric by itself: among equal rows, the chance of any {BEST} or verdict "
            "is at most 5 % (Holm 1979)."
        )
    yield from _latencies(cells)
    yield "95 % intervals are those of the mean: Student's t over the boots' means, or over rounds of a single boot."
    if document.run.kept:
        kept = listed(document.run.kept)
        yield f"Not started by this run: {kept}. Intervals leave out what varies between starts of that."
    yield from _costs(cells)
    yield from _deviations(cells)
    yield f"{BLANK} marks an unknown figure, and a percentile with fewer than 10 samples beyond it."


def _marks(sections: Iterable[Section]) -> Iterator[str]:
    marks = {row.values.get("mark") for section in sections for table in section.tables for row in table.rows}
    if BEST in marks:
        yield (
            f"{BEST} best of its load: against every other row its interval lies beyond 1, and not within ±5 %; by CPU "
            "where slots or clients decide the rates."
        )
    if BEST_INDICATIVE in marks:
        yield f"{BEST_INDICATIVE} best of its load; indicative, because there are few rounds, or a single boot."


def _judged_together(document: Results) -> bool:
    """Whether there are several comparisons, which are kept from finding differences by their number."""
    return any(
        len(group) > 2 and ranked_in(group)
        for view in document.run.views
        if view.matched in RANKED
        for group in groups(document.cells, view)
    )


def _latencies(cells: list[Cell]) -> Iterator[str]:
    kinds = {cell.load.kind for cell in cells}
    if "closed" in kinds:
        yield "Latency in a closed load is clients ÷ throughput (Little's law): shown, never ranked."
    if any(cell.summary and cell.summary.loop_lag_p99_ms is not None for cell in cells):
        yield "Loop lag (p99): how long what is ready waits for the driver's event loop, in which asyncio rows execute."
    if any(cell.summary and cell.summary.makespan_ms for cell in cells):
        yield (
            "Half, 99 % and all done: geometric means over the trials. p50, p90 and p99 are of the requests of all "
            "trials together, so that a slow trial may put the p99 beyond the mean of all done."
        )
    if "open" in kinds:
        yield "Latency in an open load runs from when a request was due; `p99 from send` is what most tools show."


def _costs(cells: list[Cell]) -> Iterator[str]:
    """What CPU and memory are of."""
    usages = [usage for cell in cells for trial in cell.counted for usage in (trial.usage.driver, trial.usage.workers)]
    kinds = sorted({usage.memory_kind for usage in usages if usage and usage.memory_kind})
    yield "CPU includes driver, workers and broker; a second per 1,000 requests is a millisecond a request."
    if kinds:
        measures = " and ".join(MEMORY_KINDS.get(kind, kind) for kind in kinds)
        yield f"Memory: driver and workers, {measures}; without broker, origin, page cache and socket buffers."


def _deviations(cells: list[Cell]) -> Iterator[str]:
    """What the sides have that is not a default."""
    parts = []
    cells = [cell for cell in cells if not is_own(cell)]  # their tables say it
    for side, name in NAMES.items():
        notes = [note for cell in cells if cell.side == side for note in noted(side, cell.workload)]
        if notes:
            parts.append(f"{name}: {', '.join(dict.fromkeys(notes))}")
    if parts:
        yield f"Deviations from the defaults. {'; '.join(parts)}. Full list: docs/method.md."

"""The main table: rates, latencies and their intervals, cost and bottleneck; the doubts under it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from harness.recording.histograms import merge, percentile_ms
from harness.report import limits
from harness.report.leading import lead_of
from harness.report.limits import limited_by
from harness.report.pairs import ranked_in
from harness.report.table import Column, Note, Row, Table, Value, filled, interval_text, number, spread_text
from harness.report.tables import own_job, shards
from harness.report.tables.identity import IDENTITY_COLUMNS, identity
from harness.report.wording import counted, listed
from harness.results.model import LEAN, RANKED, Cell, Summary, View
from harness.results.text import in_a_line
from harness.statistics.doubts import of_tuning
from harness.statistics.groups import tuned_alone
from harness.statistics.load_doubts import loop_blocked
from harness.statistics.metrics import (
    CPU,
    MEDIAN_LATENCY,
    MEMORY,
    MESSAGES,
    METRICS,
    P99_LATENCY,
    PUBLISH_RATE,
    REDIS_COMMANDS,
    THROUGHPUT,
    Metric,
    dropped,
    mostly_answered,
    ranked_by,
)
from harness.statistics.ranking import best


def _judged(metric: Metric, *, rank: int, optional: bool = False, **changed: Any) -> Column:
    """A column that marks which figures are better."""
    return Column.of(metric, optional=optional)._replace(better=metric.better, rank=rank, **changed)


COLUMNS = (
    Column("mark", ""),
    *IDENTITY_COLUMNS,
    _judged(THROUGHPUT, rank=2, spread="spread"),
    Column("interval", "95 % interval", hidden=True),
    Column("ceiling", "ceiling", "%", 3, "higher", rank=7, optional=True),
    _judged(PUBLISH_RATE, rank=4, optional=True),
    Column("producer", "published by", optional=True, hidden=True),
    Column("half", "half done", "ms", 3, "lower", decimals=3, optional=True, hidden=True),
    Column("nearly", "99 % done", "ms", 3, "lower", decimals=3, optional=True, hidden=True),
    Column("all", "all done", "ms", 3, "lower", decimals=3, optional=True, rank=4),
    Column.of(MEDIAN_LATENCY)._replace(rank=6),
    Column("p90", "p90", "ms", 3, decimals=3, optional=True, rank=11),
    Column.of(P99_LATENCY, optional=True)._replace(rank=8),
    Column("p99_interval", "p99 95 % interval", optional=True, hidden=True),
    Column("uncorrected", "p99 from send", "ms", 3, decimals=3, optional=True, hidden=True),
    Column("max", "max", "ms", 3, decimals=3, hidden=True),
    Column("ok", "ok", digits=9, hidden=True),
    Column("failed", "failed", digits=9, rank=3, telling="nonzero"),
    _judged(CPU, rank=4, title="CPU", unit="ms"),
    _judged(MEMORY, rank=5),
    Column.of(REDIS_COMMANDS, optional=True)._replace(hidden=True),
    Column.of(MESSAGES, optional=True)._replace(hidden=True),
    Column("bottleneck", "limited by", rank=10),
    Column("lag", "loop lag", "ms", 3, decimals=3, optional=True, hidden=True),
    Column("blocked", "loop blocked", "%", 3, "lower", optional=True, rank=3),
)
OF_A_BURST = {"half": 6, "nearly": 8}
"""Shown in place of percentiles in a table of bursts, with their ranks: means over trials, as `all done` is."""
OF_ALL_REQUESTS = frozenset({"p50", "p90", "p99"})
"""Of the requests of all trials together: one slow trial puts the p99 beyond the mean of `all done`."""
WITHOUT_BLOCKED = tuple(column for column in COLUMNS if column.key != "blocked")
BEST, BEST_INDICATIVE = "★", "☆"
"""Beside the best row: as a verdict, and with fewer rounds than a verdict needs."""


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One table of all these groups, each of which is ranked by itself."""
    members = [cell for group in gathered for cell in group]
    marks = _marks(gathered, view)
    rows = [_row(cell, marks.get(cell.id, "")) for cell in members]
    yield Table(
        key="results",
        title="Throughput and latency",
        about="",
        columns=filled(_columns(members), rows),
        rows=rows,
        notes=[
            *_notes(members, view),
            *_not_in_effect(members),
            *limits.notes(members),
            *_disturbed(members),
            *_workers(members),
            *shards.notes(members),
            *_producers(members),
            *own_job.notes(members),
            *_floors(members),
            *_doubts(members, view),
        ],
    )


def _columns(members: list[Cell]) -> tuple[Column, ...]:
    """Those of every row; first of the figures is that which the workload is about."""
    columns = COLUMNS if any(loop_blocked(cell) is not None for cell in members) else WITHOUT_BLOCKED
    summaries = [cell.summary for cell in members if cell.summary]
    if summaries and all(summary.makespan_ms for summary in summaries):
        columns = tuple(
            column._replace(hidden=False, rank=OF_A_BURST[column.key])
            if column.key in OF_A_BURST
            else column._replace(hidden=column.hidden or column.key in OF_ALL_REQUESTS)
            for column in columns
        )
    lead = lead_of(members[0].workload)
    if lead.metric is THROUGHPUT:
        return columns
    found = next((column for column in columns if lead.metric and column.key == lead.metric.short), lead.column)
    others = [column for column in columns if column.key != found.key]
    at = 1 + max(place for place, column in enumerate(others) if column in IDENTITY_COLUMNS)
    later = [column._replace(rank=9) if column.key == THROUGHPUT.short else column for column in others[at:]]
    return (*others[:at], found._replace(rank=2, title=lead.measure.name), *later)


def _lead(cell: Cell) -> dict[str, Value]:
    """Its figure and its interval, where it is no metric that every row has."""
    lead = lead_of(cell.workload)
    mean = lead.of_cell(cell) if lead.metric is None else None
    if mean is None:
        return {}
    interval = interval_text(mean.interval, lead.column.digits or 0)
    return {"lead": mean.value, "lead_interval": interval and f"({interval})"}


def _marks(gathered: list[list[Cell]], view: View) -> dict[str, str]:
    if view.matched not in RANKED:
        return {}
    winners = [winner for group in gathered if ranked_in(group) and (winner := best(group))]
    return {winner.cell.id: BEST_INDICATIVE if winner.indicative else BEST for winner in winners}


def _row(cell: Cell, mark: str) -> Row:
    values: dict[str, Value] = {
        "mark": mark,
        **identity(cell),
        "ok": sum(trial.ok for trial in cell.counted),
        "failed": sum(trial.wrong + trial.failed + trial.lost for trial in cell.counted),
    }
    if cell.status != "measured" or cell.summary is None:
        return Row(values | {"bottleneck": cell.status, "spread": cell.status}, cell.side)
    values |= _figures(cell.summary) | _lead(cell)
    if cell.summary.publish_per_s is not None:
        values |= {"producer": cell.producer}
    if any(metric.kind == "latency" for metric in ranked_by(cell)):
        values |= {
            "ceiling": None,
            "p99_interval": interval_text(P99_LATENCY.interval(cell.summary), P99_LATENCY.digits),
            "uncorrected": _uncorrected(cell),
        }
    if not all(map(mostly_answered, cell.counted)):
        values |= _unanswered(cell)
    return Row(values, cell.side)


def _unanswered(cell: Cell) -> dict[str, Value]:
    """No rate where requests were lost, dropped or failed: how many of how many were answered instead."""
    ok, submitted = sum(trial.ok for trial in cell.counted), sum(trial.submitted for trial in cell.counted)
    refused = sum(map(dropped, cell.counted))
    rates = dict.fromkeys((THROUGHPUT.short, PUBLISH_RATE.short, "ceiling", "half", "nearly", "all"))
    answered = f"{ok:,} of {submitted:,} answered" + (f", {refused:,} refused or expired" if refused else "")
    return rates | {"interval": answered, "spread": answered}


def _figures(summary: Summary) -> dict[str, Value]:
    makespan = summary.makespan_ms or {}
    return {
        **{metric.short: metric.in_summary(summary) for metric in METRICS},
        "spread": spread_text(summary.throughput_per_s, summary.throughput_ci95),
        "interval": interval_text(THROUGHPUT.interval(summary), THROUGHPUT.digits),
        "ceiling": summary.percent_of_ceiling,
        "half": makespan.get("p50"),
        "nearly": makespan.get("p99"),
        "all": makespan.get("all"),
        "p90": summary.latency_ms.p90,
        "max": summary.latency_ms.max,
        "lag": summary.loop_lag_p99_ms,
        "blocked": None if summary.loop_blocked is None else 100 * summary.loop_blocked,
        "bottleneck": limited_by(summary),
    }


def _uncorrected(cell: Cell) -> float | None:
    """The latency that a measurement from the actual send would show."""
    known = [trial for trial in cell.counted if "uncorrected" in trial.histograms]
    extremes = [(seen.min, seen.max) for trial in known if (seen := trial.uncorrected_ms) is not None]
    if not known or len(extremes) < len(known):
        return None
    least, most = (min(low for low, _ in extremes), max(high for _, high in extremes))
    return percentile_ms(merge([trial.histograms["uncorrected"] for trial in known]), 99, (least, most))


def _notes(cells: list[Cell], view: View) -> Iterable[Note]:
    if view.matched == "none":
        yield Note("Not ranked: nothing is matched between these rows.", detail=True)
    for cell in cells:
        if cell.reason is not None:
            yield Note(f"{cell.label} ({cell.status}): {in_a_line(cell.reason)}.", "error")


def _not_in_effect(cells: list[Cell]) -> Iterable[Note]:
    """What was asked for and did not reach a row, each once with its rows."""
    rows: dict[str, list[str]] = {}
    for cell in cells:
        for name, why in cell.not_in_effect.items():
            value = f"={cell.params[name]}" if name in cell.params else ""
            rows.setdefault(f"{name}{value} ({why})", []).append(cell.label)
    for text, labels in rows.items():
        yield Note(f"Not in effect, {', '.join(dict.fromkeys(labels))}: {text}.")


def _disturbed(cells: list[Cell]) -> Iterable[Note]:
    """How many trials count for nothing here."""
    numbers = Counter[str]()
    for cell in cells:
        numbers[cell.label] += len(cell.trials) - len(cell.counted)
    if total := numbers.total():
        each = listed([f"{name} {number}" for name, number in numbers.items() if number])
        yield Note(
            f"Disturbed by others on the machine, and left out of all figures: {counted(total, 'trial')} ({each}). "
            "The document keeps them.",
            detail=True,
        )


def _workers(cells: list[Cell]) -> Iterable[Note]:
    """Where several workers served a contender together."""
    for name, workers in {cell.label: cell.workers for cell in cells if len(cell.workers) > 1}.items():
        hosts = len({worker.host for worker in workers})
        yield Note(f"{name}: {len(workers)} workers on {hosts} host{'s' if hosts > 1 else ''} share the slots.")


def _producers(cells: list[Cell]) -> Iterable[Note]:
    """Whose publishing it is not: a rate of publishing is that of the producer that made it."""
    lean = [cell.label for cell in cells if cell.producer == LEAN]
    if not lean:
        return
    rows = "all Celery rows" if len(lean) == sum(cell.producer is not None for cell in cells) else listed(lean)
    yield Note(
        f"Lean producer ({rows}): the harness publishes ready-made messages and takes results in bulk, which shows "
        "what the workers can do. An application's process pays for apply_async and for waiting: +usual-producer."
    )
    others = {cell.producer for cell in cells if cell.producer not in (None, LEAN)}
    if others and any(cell.summary and cell.summary.publish_per_s for cell in cells):
        yield Note(
            "These rows were published in different ways. What publishes also takes the results, on the same machine: "
            "their drain rates differ by that too."
        )


def _floors(cells: list[Cell]) -> Iterable[Note]:
    """What each contender of the table costs with a no-op."""
    summaries = {cell.label: cell.summary for cell in cells if cell.summary}
    floors = _listed_ms({name: summary.floor_ms for name, summary in summaries.items()})
    if floors:
        yield Note(f"Floor, a no-op alone: {floors}.")
    overheads = _listed_ms({name: summary.slot_overhead_ms for name, summary in summaries.items()})
    if overheads:
        text = f"Slot overhead, how long a request keeps a slot busy beyond its execution: {overheads}."
        yield Note(text, detail=True)


def _listed_ms(figures: dict[str, float | None]) -> str:
    return ", ".join(f"{name} {number(ms, 3, 3)} ms" for name, ms in figures.items() if ms is not None)


def _doubts(cells: list[Cell], view: View) -> Iterable[Note]:
    """Each doubt once, with the rows that it concerns."""
    concerned: dict[tuple[str, str], list[str]] = {}
    of_all = of_tuning(tuned_alone(cells)) if view.matched in RANKED else []
    for cell in cells:
        for doubt in [*of_all, *(cell.summary.doubts if cell.summary else [])]:
            concerned.setdefault((doubt.kind, f"{doubt.text}. Advice: {doubt.advice}."), []).append(cell.label)
    for (kind, text), names in concerned.items():
        rows = "all rows" if len(names) == len(cells) and len(cells) > 1 else ", ".join(dict.fromkeys(names))
        yield Note(f"Doubt, {kind} ({rows}): {text}", "doubt")

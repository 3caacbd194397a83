"""The main table: rates, latencies and their intervals, cost and bottleneck; the doubts under it."""

from collections.abc import Iterable

from harness.recording.histograms import merge, percentile_ms
from harness.report.table import Column, Note, Row, Table, Value, filled, number
from harness.report.tables.naming import NAME_COLUMNS, named
from harness.results.model import Cell, Interval, View
from harness.statistics.comparisons import best, ranking, tuned_alone
from harness.statistics.doubts import of_tuning

COLUMNS = (
    Column("mark", ""),
    *NAME_COLUMNS,
    Column("throughput", "requests", "/s", 4, "higher"),
    Column("interval", "95 % interval"),
    Column("ceiling", "ceiling", "%", 3, "higher"),
    Column("publish", "published", "/s", 4, "higher", optional=True),
    Column("half", "half done", "ms", 3, "lower", decimals=3, optional=True),
    Column("nearly", "99 % done", "ms", 3, "lower", decimals=3, optional=True),
    Column("all", "all done", "ms", 3, "lower", decimals=3, optional=True),
    Column("p50", "p50", "ms", 3, decimals=3),
    Column("p90", "p90", "ms", 3, decimals=3, optional=True),
    Column("p99", "p99", "ms", 3, decimals=3, optional=True),
    Column("p99_interval", "p99 95 % interval", optional=True),
    Column("uncorrected", "p99 from send", "ms", 3, decimals=3, optional=True),
    Column("max", "max", "ms", 3, decimals=3),
    Column("ok", "ok", digits=9),
    Column("failed", "failed", digits=9),
    Column("cpu", "CPU", "s/1000", 3, "lower"),
    Column("memory", "memory", "MB", 3, "lower"),
    Column("bottleneck", "limited by"),
)
BEST, BEST_INDICATIVE = "★", "☆"
RANKED_BY = {"throughput_per_s": "most requests/s", "latency_p50_ms": "lowest median latency"}


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One table of all these groups, which are ranked each for itself."""
    members = [cell for group in gathered for cell in group]
    marks = _marks(gathered, view)
    rows = [_row(cell, marks.get(cell.id, "")) for cell in members]
    yield Table(
        key="results",
        title="Throughput and latency",
        about="",
        columns=filled(COLUMNS, rows),
        rows=rows,
        notes=[*_notes(members, marks, view), *_workers(members), *_floors(members), *_doubts(members, view)],
    )


def _marks(gathered: list[list[Cell]], view: View) -> dict[str, str]:
    if view.matched == "none":
        return {}
    found = [best(group) for group in gathered]
    return {one[0].id: BEST if one[1] else BEST_INDICATIVE for one in found if one is not None}


def _row(cell: Cell, mark: str) -> Row:
    values: dict[str, Value] = {
        "mark": mark,
        **named(cell),
        "ok": sum(trial.ok for trial in cell.trials),
        "failed": sum(trial.wrong + trial.failed + trial.lost for trial in cell.trials),
    }
    summary = cell.summary
    if cell.status != "measured" or summary is None:
        return Row(values | {"bottleneck": cell.status}, cell.side)
    latency = summary.latency_ms
    makespan = summary.makespan_ms or {}
    ranked = any(metric.startswith("latency") for metric in cell.load.ranked)
    return Row(
        values
        | {
            "throughput": summary.throughput_per_s,
            "interval": _interval(summary.throughput_ci95, 4),
            "ceiling": None if ranked else summary.percent_of_ceiling,
            "publish": summary.publish_per_s,
            "half": makespan.get("p50"),
            "nearly": makespan.get("p99"),
            "all": makespan.get("all"),
            "p50": latency.p50,
            "p90": latency.p90,
            "p99": latency.p99,
            "p99_interval": _interval(summary.latency_ci95_ms.get("p99"), 3) if ranked else None,
            "uncorrected": _uncorrected(cell) if ranked else None,
            "max": latency.max,
            "cpu": summary.cpu_s_per_1000,
            "memory": summary.memory_mb,
            "bottleneck": summary.bottleneck,
        },
        cell.side,
    )


def _interval(interval: Interval | None, digits: int) -> str | None:
    return interval and f"{number(interval[0], digits)} … {number(interval[1], digits)}"


def _uncorrected(cell: Cell) -> float | None:
    """The latency that a measurement from the actual send would show."""
    encoded = [trial.histograms["uncorrected"] for trial in cell.trials if "uncorrected" in trial.histograms]
    return percentile_ms(merge(encoded), 99) if encoded else None


def _notes(cells: list[Cell], marks: dict[str, str], view: View) -> Iterable[Note]:
    by = " and ".join(dict.fromkeys(RANKED_BY[metric] for cell in cells if (metric := ranking(cell))))
    if BEST in marks.values():
        yield Note(f"{BEST} {by}: its interval against every other row excludes 1.")
    if BEST_INDICATIVE in marks.values():
        yield Note(f"{BEST_INDICATIVE} {by}, as far as so few rounds can tell.")
    if view.matched == "none":
        yield Note("Not ranked: nothing is matched between these rows.")
    for cell in cells:
        if cell.reason is not None:
            yield Note(f"{cell.label} ({cell.status}): {cell.reason}", "error")


def _workers(cells: list[Cell]) -> Iterable[Note]:
    """Where several workers served a contender together."""
    for name, workers in {cell.label: cell.workers for cell in cells if len(cell.workers) > 1}.items():
        hosts = len({worker.host for worker in workers})
        yield Note(f"{name}: {len(workers)} workers on {hosts} host{'s' if hosts > 1 else ''} share the slots.")


def _floors(cells: list[Cell]) -> Iterable[Note]:
    """What each contender of the table costs with a no-op."""
    named = {cell.label: cell.summary for cell in cells if cell.summary}
    alone = [f"{name} {number(one.floor_ms, 3, 3)} ms" for name, one in named.items() if one.floor_ms is not None]
    if alone:
        yield Note(f"Floor, a no-op alone: {', '.join(alone)}.")
    overheads = [
        f"{name} {number(one.slot_overhead_ms, 3, 3)} ms"
        for name, one in named.items()
        if one.slot_overhead_ms is not None
    ]
    if overheads:
        yield Note(f"Slot overhead, how long a slot is busy for a request beyond executing it: {', '.join(overheads)}.")


def _doubts(cells: list[Cell], view: View) -> Iterable[Note]:
    """Each doubt once, with the rows that it concerns."""
    concerned: dict[tuple[str, str], list[str]] = {}
    of_all = of_tuning(tuned_alone(cells)) if view.matched != "none" else []
    for cell in cells:
        for doubt in [*of_all, *(cell.summary.doubts if cell.summary else [])]:
            concerned.setdefault((doubt.kind, f"{doubt.text}. Advice: {doubt.advice}."), []).append(cell.label)
    for (kind, text), names in concerned.items():
        who = "all rows" if len(names) == len(cells) and len(cells) > 1 else ", ".join(dict.fromkeys(names))
        yield Note(f"Doubt, {kind} ({who}): {text}", "doubt")

"""The report of a run: the answer in words, the tables and the doubts, defined once for every format."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from harness.answer import answers
from harness.bottleneck import cores
from harness.compare import best, groups, label, ranking
from harness.fold import merge, percentile_ms
from harness.model import Cell, Interval, Results, Trial, View

Value = str | float | int | None
BLANK = "–"
"""Shown for what is not known; never a 0."""


class Column(NamedTuple):
    """One column: what it is called, in which unit, and how its numbers are written."""

    key: str
    title: str
    unit: str = ""
    digits: int | None = None
    """Significant digits of a number; None for text."""
    better: Literal["higher", "lower"] | None = None
    decimals: int = 9
    """Decimals at the most: latencies are recorded to the microsecond, and not finer."""
    optional: bool = False
    """Left out of a table in which no row has a value for it."""

    @property
    def heading(self) -> str:
        """Title and unit."""
        return f"{self.title} {self.unit}".strip()

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers, which are set to the right."""
        return self.digits is not None

    def text(self, value: Value) -> str:
        """A value as every format writes it."""
        if value is None:
            return BLANK
        if isinstance(value, str) or self.digits is None:
            return str(value)
        return number(value, self.digits, self.decimals)


class Row(NamedTuple):
    """One row: values by column key."""

    values: dict[str, Value]


class Table(NamedTuple):
    """A table with what it shows and what must be read under it."""

    title: str
    about: str
    columns: tuple[Column, ...]
    rows: list[Row]
    notes: list[str]
    detail: bool = False
    """Whether it is for those who want to know more: not printed after a run."""

    def cells(self, row: Row) -> list[str]:
        """The row's texts, in the order of the columns."""
        return [column.text(row.values.get(column.key)) for column in self.columns]


class Report(NamedTuple):
    """All that a format renders."""

    title: str
    answer: list[str]
    tables: list[Table]
    reading: list[str]
    """How to read the tables: what holds for all of them."""
    environment: list[str]


COLUMNS = (
    Column("mark", ""),
    Column("contender", "contender"),
    Column("slots", "slots", digits=6),
    Column("load", "load"),
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
STAGES = {
    "driver_lag": "driver lag",
    "publish": "publish",
    "queue_wait": "queue wait",
    "transport": "transport",
    "execution": "execution",
    "return": "return",
}
STAGE_COLUMNS = (
    Column("contender", "contender"),
    Column("slots", "slots", digits=6),
    Column("load", "load"),
    *(Column(key, title, "ms", 3, decimals=3, optional=True) for key, title in STAGES.items()),
    Column("mean", "mean latency", "ms", 3, decimals=3),
    Column("floor", "no-op alone", "ms", 3, decimals=3, optional=True),
    Column("overhead", "slot overhead", "ms", 3, decimals=3, optional=True),
    Column("driver", "driver", "cores", 3, optional=True),
    Column("workers", "workers", "cores", 3, optional=True),
    Column("broker", "broker", "cores", 3, optional=True),
    Column("origin", "origin", "cores", 3, optional=True),
    Column("lag", "loop lag p99", "ms", 3, decimals=3, optional=True),
)
BEST, BEST_INDICATIVE = "★", "☆"
RANKED_BY = {"throughput_per_s": "most requests/s", "latency_p50_ms": "lowest median latency"}
ROLES = ("driver", "workers", "broker", "origin")
MATCHED = {
    "slots": "matched slots: as many requests may be under way in each",
    "means": "matched means: one process with one thread each",
    "none": "nothing is matched, so nothing is ranked",
}


def number(value: float, digits: int, most: int = 9) -> str:
    """`value` to that many significant digits (`most` decimals), thousands separated, never in exponents."""
    if value == 0 or isinstance(value, int):
        return f"{int(value):,}"
    rounded = float(f"{value:.{digits}g}")
    whole = len(str(int(abs(rounded))))
    decimals = max(0, digits - whole) if abs(rounded) >= 1 else _decimals_below_one(rounded, digits)
    return f"{rounded:,.{min(decimals, most)}f}"


def _decimals_below_one(value: float, digits: int) -> int:
    exponent = int(f"{value:e}".partition("e")[2])
    return digits - 1 - exponent


def build(results: Results) -> Report:
    """The report of a results document, finished or not."""
    run = results.run
    state = {"done": "", "running": " (still running)", "interrupted": " (interrupted)", "failed": " (failed)"}
    rounds = "1 round" if run.rounds == 1 else f"{run.rounds} rounds"
    tables = [table for view in run.views for table in _view_tables(results.cells, view)]
    return Report(
        title=f"{run.plan or 'run'}: {rounds}, seed {run.seed}{state[run.status]}",
        answer=answers(results),
        tables=tables,
        reading=list(_reading(results)),
        environment=_environment(results),
    )


def _reading(results: Results) -> Iterable[str]:
    names = {view.name for view in results.run.views}
    kinds = {cell.load["kind"] for cell in results.cells if names & set(cell.views)}
    if "closed" in kinds:
        yield "Latency in a closed load is clients ÷ requests/s (Little's law): shown, never ranked."
    if "open" in kinds:
        yield "Latency in an open load runs from when a request was due; `p99 from send` is what others show."
    yield "95 % intervals are of the mean over rounds."
    yield "CPU is that of driver, workers and broker together; memory that of driver and workers."
    yield f"{BLANK} stands for what is not known, and for a percentile with fewer than 10 samples beyond it."


def _view_tables(cells: list[Cell], view: View) -> Iterable[Table]:
    """One table for each workload of a view, all its loads in it."""
    of_workload: dict[tuple[str, str], list[list[Cell]]] = {}
    for group in groups(cells, view):
        of_workload.setdefault((group[0].workload, repr(group[0].params)), []).append(group)
    for gathered in of_workload.values():
        first = gathered[0][0]
        members = [cell for group in gathered for cell in group]
        marks = _marks(gathered, view)
        rows = [_row(cell, marks.get(cell.id, "")) for cell in members]
        yield Table(
            title=f"{describe_workload(first)} — {view.name}",
            about=view.about or MATCHED[view.matched],
            columns=_filled(COLUMNS, rows),
            rows=rows,
            notes=[*_notes(members, marks, view), *_floors(members), *_doubts(members)],
        )
        rows = [_stage_row(cell) for cell in members if cell.summary]
        if rows:
            yield Table(
                title=f"Where the time goes: {describe_workload(first)} — {view.name}",
                about="mean of each stage of a request, from due to done; cores that each role kept busy",
                columns=_filled(STAGE_COLUMNS, rows),
                rows=rows,
                notes=[],
                detail=True,
            )


def _filled(columns: tuple[Column, ...], rows: list[Row]) -> tuple[Column, ...]:
    """Without the optional columns that hold nothing."""
    return tuple(
        column
        for column in columns
        if not column.optional or any(row.values.get(column.key) is not None for row in rows)
    )


def describe_workload(cell: Cell) -> str:
    """The workload with its parameters."""
    params = ", ".join(f"{key}={value}" for key, value in cell.params.items())
    return f"{cell.workload} ({params})" if params else cell.workload


def _marks(gathered: list[list[Cell]], view: View) -> dict[str, str]:
    if view.matched == "none":
        return {}
    found = [best(group) for group in gathered]
    return {one[0].id: BEST if one[1] else BEST_INDICATIVE for one in found if one is not None}


def _row(cell: Cell, mark: str) -> Row:
    values: dict[str, Value] = {
        "mark": mark,
        "contender": cell.contender,
        "slots": cell.slots if cell.slots is not None else "none",
        "load": cell.load["text"],
        "ok": sum(trial.ok for trial in cell.trials),
        "failed": sum(_not_ok(trial) for trial in cell.trials),
    }
    summary = cell.summary
    if cell.status != "measured" or summary is None:
        return Row(values | {"bottleneck": cell.status})
    latency = summary.latency_ms
    makespan = summary.makespan_ms or {}
    ranked = any(metric.startswith("latency") for metric in cell.load["ranked"])
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
        }
    )


def _stage_row(cell: Cell) -> Row:
    values: dict[str, Value] = {
        "contender": cell.contender,
        "slots": cell.slots if cell.slots is not None else "none",
        "load": cell.load["text"],
    }
    if (summary := cell.summary) is None:
        return Row(values)
    measured = [trial for trial in cell.trials if trial.status == "measured"]
    busy = {role: _mean(cores(getattr(trial.usage, role)) for trial in measured) for role in ROLES}
    return Row(
        values
        | summary.stages_ms
        | {role: value or None for role, value in busy.items()}
        | {
            "mean": summary.latency_ms.mean,
            "floor": summary.floor_ms,
            "overhead": summary.slot_overhead_ms,
            "lag": _mean(trial.loop_lag_ms.p99 for trial in measured if trial.loop_lag_ms),
        }
    )


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None


def _interval(interval: Interval | None, digits: int) -> str | None:
    return interval and f"{number(interval[0], digits)} … {number(interval[1], digits)}"


def _uncorrected(cell: Cell) -> float | None:
    """The latency that a measurement from the actual send would show."""
    encoded = [trial.histograms["uncorrected"] for trial in cell.trials if "uncorrected" in trial.histograms]
    return percentile_ms(merge(encoded), 99) if encoded else None


def _not_ok(trial: Trial) -> int:
    return trial.wrong + trial.failed + trial.lost


def _notes(cells: list[Cell], marks: dict[str, str], view: View) -> Iterable[str]:
    by = " and ".join(dict.fromkeys(RANKED_BY[metric] for cell in cells if (metric := ranking(cell))))
    if BEST in marks.values():
        yield f"{BEST} {by}: its interval against every other row excludes 1."
    if BEST_INDICATIVE in marks.values():
        yield f"{BEST_INDICATIVE} {by}, as far as so few rounds can tell."
    if view.matched == "none":
        yield "Not ranked: nothing is matched between these rows."
    for cell in cells:
        if cell.reason is not None:
            yield f"{cell.contender} ({cell.status}): {cell.reason}"
        for trial in cell.trials:
            for failure in trial.failures:
                yield f"{cell.contender}, round {trial.round}: {failure.count} × {failure.example}"


def _floors(cells: list[Cell]) -> Iterable[str]:
    """What each contender of the table costs with a no-op."""
    named = {label(cell): cell.summary for cell in cells if cell.summary}
    alone = [f"{name} {number(one.floor_ms, 3, 3)} ms" for name, one in named.items() if one.floor_ms is not None]
    if alone:
        yield f"Floor, a no-op alone: {', '.join(alone)}."
    overheads = [
        f"{name} {number(one.slot_overhead_ms, 3, 3)} ms"
        for name, one in named.items()
        if one.slot_overhead_ms is not None
    ]
    if overheads:
        yield f"Slot overhead, how long a slot is busy for a request beyond executing it: {', '.join(overheads)}."


def _doubts(cells: list[Cell]) -> Iterable[str]:
    """Each doubt once, with the rows that it concerns."""
    concerned: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        for doubt in cell.summary.doubts if cell.summary else []:
            concerned.setdefault((doubt.kind, f"{doubt.text}. Advice: {doubt.advice}."), []).append(label(cell))
    for (kind, text), names in concerned.items():
        who = "all rows" if len(names) == len(cells) and len(cells) > 1 else ", ".join(dict.fromkeys(names))
        yield f"Doubt, {kind} ({who}): {text}"


def _environment(results: Results) -> list[str]:
    environment = results.environment
    packages = environment.packages
    broker = environment.broker
    lines = [
        f"Python {environment.python} on {environment.platform}, {environment.cpus} CPUs"
        + (f" ({environment.cpu_model})" if environment.cpu_model else "")
        + f", {environment.memory_mb / 1000:.0f} GB; load before the run {environment.load_average:.2f}",
        ", ".join(
            f"{name} {packages[name]}"
            for name in ("celery", "redis", "aiohttp", "uvloop", "gevent")
            if name in packages
        ),
    ]
    if broker is not None:
        lines.append(f"broker: {broker.server} {broker.version}, {'of the run itself' if broker.own else broker.url}")
    lines.append(f"again: {results.run.command}")
    return lines

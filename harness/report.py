"""The report of a run: the answer in words, the tables and the doubts, defined once for every format."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from harness.answer import answers
from harness.compare import best, groups
from harness.model import Cell, Results, Trial, View

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
    Column("p50", "p50", "ms", 3, decimals=3),
    Column("p90", "p90", "ms", 3, decimals=3),
    Column("p99", "p99", "ms", 3, decimals=3),
    Column("max", "max", "ms", 3, decimals=3),
    Column("ok", "ok", digits=9),
    Column("failed", "failed", digits=9),
    Column("cpu", "CPU", "s/1000", 3, "lower"),
    Column("memory", "memory", "MB", 3, "lower"),
    Column("bottleneck", "limited by"),
)
BEST, BEST_INDICATIVE = "★", "☆"
MATCHED = {
    "slots": "matched slots: as many requests may be under way in each",
    "means": "matched means: one process with one thread each",
    "none": "nothing is matched, so nothing is ranked",
}


def number(value: float, digits: int, most: int = 9) -> str:
    """`value` to that many significant digits (`most` decimals), thousands separated, never in exponents."""
    if value == 0 or isinstance(value, int):
        return f"{value:,}"
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
    tables = [table for view in run.views for table in _view_tables(results.cells, view)]
    return Report(
        title=f"{run.plan or 'run'}: {run.rounds} rounds, seed {run.seed}{state[run.status]}",
        answer=answers(results),
        tables=tables,
        reading=list(_reading(results)),
        environment=_environment(results),
    )


def _reading(results: Results) -> Iterable[str]:
    if any(cell.load["kind"] == "closed" for cell in results.cells):
        yield "Latency in a closed load is clients ÷ requests/s (Little's law): shown, never ranked."
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
        yield Table(
            title=f"{describe_workload(first)} — {view.name}",
            about=view.about or MATCHED[view.matched],
            columns=COLUMNS,
            rows=[_row(cell, marks.get(cell.id, "")) for cell in members],
            notes=[*_notes(members, marks, view), *_doubts(members)],
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
    low_high = summary.throughput_ci95
    latency = summary.latency_ms
    return Row(
        values
        | {
            "throughput": summary.throughput_per_s,
            "interval": low_high and f"{number(low_high[0], 4)} … {number(low_high[1], 4)}",
            "ceiling": summary.percent_of_ceiling,
            "p50": latency.p50,
            "p90": latency.p90,
            "p99": latency.p99,
            "max": latency.max,
            "cpu": summary.cpu_s_per_1000,
            "memory": summary.memory_mb,
            "bottleneck": summary.bottleneck,
        }
    )


def _not_ok(trial: Trial) -> int:
    return trial.wrong + trial.failed + trial.lost


def _notes(cells: list[Cell], marks: dict[str, str], view: View) -> Iterable[str]:
    if BEST in marks.values():
        yield f"{BEST} most requests/s: its interval against every other row excludes 1."
    if BEST_INDICATIVE in marks.values():
        yield f"{BEST_INDICATIVE} most requests/s, as far as so few rounds can tell."
    if view.matched == "none":
        yield "Not ranked: nothing is matched between these rows."
    for cell in cells:
        if cell.reason is not None:
            yield f"{cell.contender} ({cell.status}): {cell.reason}"
        for trial in cell.trials:
            for failure in trial.failures:
                yield f"{cell.contender}, round {trial.round}: {failure.count} × {failure.example}"


def _doubts(cells: list[Cell]) -> Iterable[str]:
    """Each kind of doubt once, with the contenders that it concerns."""
    concerned: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for cell in cells:
        for doubt in cell.summary.doubts if cell.summary else []:
            concerned.setdefault(doubt.kind, []).append(cell.contender)
            texts[doubt.kind] = f"{doubt.text}. Advice: {doubt.advice}."
    for kind, names in concerned.items():
        who = "all rows" if len(names) == len(cells) and len(cells) > 1 else ", ".join(dict.fromkeys(names))
        yield f"Doubt, {kind} ({who}): {texts[kind]}"


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

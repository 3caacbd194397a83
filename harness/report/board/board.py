"""What others measured: machines × contenders, of runs whose documents verify; what is left out, with the reason."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.report.board.disturbed import disturbed, undisturbed
from harness.report.board.verifying import NotPublished, published
from harness.report.first.headline import of_rows
from harness.report.first.overview import overview
from harness.report.first.screen import ROWS_MOST, FirstScreen, OverviewRow
from harness.report.subjects import row_of
from harness.report.table import Column, Report, Row, Section, Table, spread_text
from harness.report.wording import counted
from harness.results.model import Cell, Environment, Results, View
from harness.statistics.groups import groups
from harness.statistics.metrics import CPU, Metric, ranked_by

MACHINE = Column("machine", "machine", rank=1, wraps=True, identifies=True)
LEFT_OUT = (Column("run", "run", rank=1, identifies=True), Column("reason", "reason", rank=2, wraps=True))


class Entry(NamedTuple):
    """A run on the board."""

    id: str
    machine: str
    document: Results


class Board(NamedTuple):
    """What is shown, by plan; what is not, with the reason."""

    shown: dict[str, list[Entry]]
    left_out: list[tuple[str, str]]


def judged(identity: str, document: Results) -> Entry | str:
    """The run as the board shows it, or why it does not."""
    try:
        made = published(document)
    except NotPublished as error:
        return str(error)
    return Entry(identity, machine_of(made.environment), made)


def board_of(candidates: Sequence[tuple[str, Entry | str]]) -> Board:
    """Of each plan the version that most runs have, the newest of these; of each machine its newest run."""
    left_out = [(identity, one) for identity, one in candidates if isinstance(one, str)]
    by_plan: dict[str, list[Entry]] = {}
    for _, one in candidates:
        if isinstance(one, Entry):
            by_plan.setdefault(one.document.run.plan, []).append(one)
    shown: dict[str, list[Entry]] = {}
    for plan, entries in sorted(by_plan.items()):
        shown[plan] = _of_one_version(plan, entries, left_out)
    return Board(shown, sorted(left_out))


def _of_one_version(plan: str, entries: list[Entry], left_out: list[tuple[str, str]]) -> list[Entry]:
    newest = sorted(entries, key=lambda entry: (entry.document.run.started, entry.id), reverse=True)
    versions = {entry.id: version_of(entry.document) for entry in newest}
    version = Counter(versions.values()).most_common(1)[0][0]  # of equals the first: the newest run's
    kept: dict[str, Entry] = {}
    for entry in newest:
        if versions[entry.id] != version:
            left_out.append((entry.id, f"another version of the plan {plan}: other rows than most runs of it"))
        elif entry.machine in kept:
            left_out.append((entry.id, f"the same machine has a newer run: {kept[entry.machine].id}"))
        else:
            kept[entry.machine] = entry
    return sorted(kept.values(), key=lambda entry: entry.machine)


def version_of(document: Results) -> frozenset[str]:
    """What a plan measures: its rows, each with its view, work, contender and load, and how fast its times pass."""
    views, scale = {view.name for view in document.run.views}, document.run.time_scale
    rows = [
        (sorted(views & set(cell.views)), cell.workload, sorted(cell.params.items()), cell.label, cell.load.text, scale)
        for cell in document.cells
        if views & set(cell.views)
    ]
    return frozenset(map(repr, rows))


def machine_of(environment: Environment) -> str:
    """A machine, with the versions that its figures depend on."""
    memory_mb = environment.memory_limit_mb or environment.memory_mb
    quota = f" (quota {environment.cpu_quota:g})" if environment.cpu_quota is not None else ""
    parts = [
        environment.cpu_model or "processor not named",
        f"{environment.cpus} CPUs{quota}",
        f"{memory_mb / 1000:.0f} GB",
        environment.platform,
        f"Python {environment.python}",
        f"Celery {environment.packages.get('celery', 'not known')}",
    ]
    return ", ".join(part for part in parts if part)


def report_of(board: Board) -> Report:
    """The page: an overview of machines, tables of machines × contenders, what is left out."""
    rows = [row for entries in board.shown.values() for entry in entries for row in _first_row(entry)]
    entries = sum(len(entries) for entries in board.shown.values())
    sections = [section for plan, entries in board.shown.items() for section in _sections(plan, entries)]
    return Report(
        title=f"What others measured: {counted(entries, 'run')}, {len(board.left_out)} left out",
        first=FirstScreen(
            headline=of_rows(rows, "runs") if rows else "No run here can be shown.",
            overview=rows[:ROWS_MOST],
            tiles=[],
            tiles_of="",
            doubts=[],
            findings=[],
        ),
        answer=[],
        sections=[*sections, *_left_out(board)],
        reading=[
            "Shown are runs of plans that come with the workbench whose documents verify: their figures follow from "
            "their trials and break no bound of physics; all of one plan measured the same rows.",
            "Where a doubt stands in the place of a figure, the machine was disturbed while that row was measured: it "
            "is compared with none. A run of which more than half of the rows were disturbed is left out.",
            "A machine stands with its newest run. Rates of two machines differ by their processors: compare a row's "
            "contenders with each other.",
            "± is the 95 % interval of the mean. Nobody's word but the document's stands for these figures.",
        ],
        environment=[],
    )


def _first_row(entry: Entry) -> list[OverviewRow]:
    """The first comparison of a machine's run that nothing disturbed, under the machine's name."""
    return [row._replace(name=f"{entry.machine}: {row.name}") for row in overview(undisturbed(entry.document))[:1]]


def _sections(plan: str, entries: Sequence[Entry]) -> Iterable[Section]:
    """One for each group of rows that one of the runs compares."""
    document = entries[0].document
    for view in document.run.views:
        for group in groups(document.cells, view):
            metric = next(iter(ranked_by(group[0])), None)
            if metric is not None:
                yield Section(
                    title=f"{plan}: {row_of(document, view, group[0])}",
                    about=f"{group[0].load.text}; machines × contenders",
                    tables=[_table(one, entries, view, group) for one in dict.fromkeys((metric, CPU))],
                )


def _table(metric: Metric, entries: Sequence[Entry], view: View, group: Sequence[Cell]) -> Table:
    labels = [cell.label for cell in group]
    columns = [
        Column(
            key=label,
            title=label,
            unit=metric.unit,
            digits=metric.digits,
            decimals=metric.decimals,
            spread=f"± {label}",
            rank=2 + place,
        )
        for place, label in enumerate(labels)
    ]
    return Table(
        key=f"board-{metric.short}",
        title=metric.title,
        about=f"{metric.better} is better",
        columns=(MACHINE, *columns),
        rows=[_row(metric, entry, view, group[0], labels) for entry in entries],
        notes=[],
    )


def _row(metric: Metric, entry: Entry, view: View, like: Cell, labels: Sequence[str]) -> Row:
    values: dict[str, str | float | int | None] = {"machine": entry.machine}
    doubted = disturbed(entry.document)
    for cell in entry.document.cells:
        same = (cell.workload, cell.params, cell.load.text) == (like.workload, like.params, like.load.text)
        if same and view.name in cell.views and cell.label in labels:
            figure = None if cell.id in doubted else metric.of_cell(cell)
            interval = metric.interval(cell.summary) if cell.summary else None
            values[cell.label] = figure
            values[f"± {cell.label}"] = doubted.get(cell.id) or spread_text(figure, interval)
    return Row(values)


def _left_out(board: Board) -> Iterable[Section]:
    if board.left_out:
        rows = [Row({"run": identity, "reason": reason}) for identity, reason in board.left_out]
        table = Table("left-out", "Left out", "runs that are not compared", LEFT_OUT, rows, [])
        yield Section("Left out", "with the reason", [table])

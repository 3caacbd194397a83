"""The report of a run: the answer in words, the tables and the doubts, defined once for every format."""

from collections.abc import Iterable

from harness.report.answer import answers
from harness.report.card.of_run import any_card
from harness.report.doubted import in_a_sentence
from harness.report.first.of_run import first_screen
from harness.report.first.overview import row_of_pair
from harness.report.pairs import Pairs, has_figures
from harness.report.reading import reading
from harness.report.scaled_time import beside_scale, scale_in_words
from harness.report.shared_notes import shared_notes, without
from harness.report.subjects import run_name, title_of
from harness.report.table import Report, Section
from harness.report.tables import (
    cost,
    crashes,
    errors,
    ladder,
    layers,
    matrix,
    measures,
    profile,
    rates,
    results,
    scaling,
    stages,
    surges,
    why,
)
from harness.report.wording import counted
from harness.report.words.options import command_of, said_for
from harness.results.cells import FLOOR
from harness.results.model import BrokerDescription, Cell, Results, View
from harness.results.profile import VIEW as PROFILED
from harness.statistics.groups import groups
from harness.statistics.layers import is_about_layers
from harness.statistics.sweeps import is_sweep

MATCHED = {
    "slots": "matched slots: each contender can execute the same number of requests at once",
    "resources": "matched resources: one process with one thread each",
    "layers": "each contender adds something to the one before it; all have the same slots",
    "none": "nothing is matched, so nothing is ranked",
}
STATES = {
    "done": "",
    "running": " (still running)",
    "interrupted": " (interrupted)",
    "failed": " (failed)",
    "killed": " (killed before its end)",
}
OF_A_WORKLOAD = (rates, surges, results, measures, errors, stages, cost)
"""The tables of one workload in one view, in their order."""
OF_CRASHES = (crashes, errors)
"""The same of loads with a fault, which have no figures."""


def _rounds(document: Results) -> str:
    """`: 5 rounds`, as asked for; of a run that was ended early, how many there are of them.

    A decision and a size have their own rounds, of which their cards speak.
    """
    run = document.run
    if run.decision or run.sizing:
        return f" ({run.ended})" if run.ended else ""
    if not run.ended:
        return f": {counted(run.rounds, 'round')}"
    changes = {view.name for view in run.views if view.rung is not None}  # their rounds come after those of the others
    asked = [cell for cell in document.cells if has_figures(cell) and not set(cell.views) <= changes | {FLOOR}]
    done = min((len({trial.round for trial in cell.counted}) for cell in asked), default=0)
    return f": {min(done, run.rounds)} of {counted(run.rounds, 'round')} ({run.ended})"


def build(document: Results) -> Report:
    """The report of a results document, finished or not."""
    run = document.run
    rounds = _rounds(document)
    short = matrix.stands_for_tables(document)
    made_of = list(layers.sections(document))
    first = is_about_layers(run.views)
    sections = [
        *ladder.sections(document),
        *why.sections(document),
        *(made_of if first else ()),
        *profile.sections(document),
        *(section for view in run.views for section in _sections(document, view, detail=short)),
        *(() if first else made_of),
        *matrix.sections(document),
    ]
    scale = beside_scale(document)
    sections = [_said(document, section)._replace(title=f"{section.title}{scale}") for section in sections]
    shared = shared_notes(sections)
    return Report(
        title=f"{run_name(document)}{rounds}{scale}{STATES[run.status]}",
        first=first_screen(document),
        answer=[] if run.decision or run.sizing else answers(document),
        sections=without(sections, shared),
        shared=shared,
        reading=list(reading(document, sections)),
        environment=_environment(document),
        card=any_card(document),
    )


def _said(document: Results, section: Section) -> Section:
    """Its remarks name the options that the run's command has."""
    command = command_of(document.run.command)
    tables = [
        table._replace(notes=[note._replace(text=said_for(command, note.text)) for note in table.notes])
        for table in section.tables
    ]
    return section._replace(tables=tables)


def _sections(document: Results, view: View, *, detail: bool) -> Iterable[Section]:
    """One for each workload of a view, all its loads in it; then what its figures depend on.

    Of a rung and of a sweep, the tables of each point are detail.
    """
    cells = document.cells
    made_of = view.matched == "layers" and not is_about_layers(document.run.views)  # its layers are shown
    detail = detail or view.name == PROFILED or made_of
    sweep, pairs = is_sweep(cells, view), Pairs(document, view)
    of_workload: dict[tuple[str, str], list[list[Cell]]] = {}
    for group in groups(cells, view):
        of_workload.setdefault((group[0].workload, repr(group[0].params)), []).append(group)
    if view.rung is None and sweep:  # where the sides change places comes before the points
        yield from scaling.sections(document, view, shown=True)
    for gathered in of_workload.values():
        members = [cell for group in gathered for cell in group]
        struck = [group for group in gathered if group[0].load.fault is not None]
        gathered = [group for group in gathered if group not in struck]
        yield Section(
            title=f"{title_of(*members, beside=_beside(cells, view, members[0]))} — {view.name}{_load(members)}",
            about=view.about or MATCHED[view.matched],
            tables=[
                table._replace(detail=True) if view.rung or sweep else table
                for kinds, of_load in ((OF_CRASHES, struck), (OF_A_WORKLOAD, gathered))
                for kind in kinds
                for table in (kind.tables(of_load, view) if of_load else ())
            ],
            cells=members,
            summary=_summary(document, view, gathered, pairs),
            doubts=in_a_sentence(members),
            detail=detail,
        )
    if view.rung is None and not sweep:
        yield from scaling.sections(document, view, shown=False)


def _beside(cells: list[Cell], view: View, cell: Cell) -> list[Cell]:
    """The view's rows of the same workload."""
    return [other for other in cells if view.name in other.views and other.workload == cell.workload]


def _load(cells: list[Cell]) -> str:
    """The load that all of these are under."""
    loads = {cell.load.text for cell in cells}
    return f", {loads.pop()}" if len(loads) == 1 else ""


def _summary(document: Results, view: View, gathered: list[list[Cell]], pairs: Pairs) -> str:
    """Who is faster, in a line; empty where several comparisons are, or none."""
    compared = [pair for group in gathered for pair in pairs.of(group)]
    if len(compared) != 1:
        return ""
    row = row_of_pair(document, view, compared[0])
    cpu = f"; CPU: {row.cpu_text}" if row.cpu_text else ""
    return f"{row.speed_text}{cpu}"


def _environment(document: Results) -> list[str]:
    environment = document.environment
    packages = environment.packages
    brokers = environment.brokers or ([environment.broker] if environment.broker else [])
    quota, memory_mb = environment.cpu_quota, environment.memory_limit_mb or environment.memory_mb
    lines = [
        f"Python {environment.python} on {environment.platform}, {environment.cpus} CPUs"
        + (f", of which a CPU quota grants {quota:g}" if quota is not None else "")
        + (f" ({environment.cpu_model})" if environment.cpu_model else "")
        + f", {memory_mb / 1000:.3g} GB; load before the run {environment.load_average:.2f}",
        ", ".join(
            f"{name} {packages[name]}"
            for name in ("celery", "redis", "aiohttp", "uvloop", "gevent")
            if name in packages
        ),
    ]
    lines += [f"broker: {_broker(broker)}" for broker in brokers]
    lines += scale_in_words(document)
    lines.append(f"command: {document.run.command}")
    return lines


def _broker(broker: BrokerDescription) -> str:
    started_by = "started for the run" if broker.own else broker.url
    backends = {None: "", "rpc": ", results as messages (rpc)"}
    backend = backends.get(broker.backend, f", results in {broker.backend}")
    shard = "" if broker.shard is None else f", shard {broker.shard}"
    return f"{broker.server} {broker.version}, {started_by}{backend}{shard}"

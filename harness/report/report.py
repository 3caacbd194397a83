"""The report of a run: the answer in words, the tables and the doubts, defined once for every format."""

from collections.abc import Iterable

from harness.report.answer import answers
from harness.report.card.card import card_of
from harness.report.table import BLANK, Report, Section
from harness.report.tables import cost, errors, ladder, measures, rates, results, scaling, stages, why
from harness.report.wording import counted, described_workload, listed
from harness.results.model import BrokerDescription, Cell, Results, View
from harness.statistics.groups import groups
from harness.statistics.sweeps import is_sweep

MATCHED = {
    "slots": "matched slots: each contender can execute the same number of requests at once",
    "resources": "matched resources: one process with one thread each",
    "none": "nothing is matched, so nothing is ranked",
}
STATES = {
    "done": "",
    "running": " (still running)",
    "interrupted": " (interrupted)",
    "failed": " (failed)",
    "killed": " (killed before its end)",
}
OF_A_WORKLOAD = (rates, results, measures, errors, stages, cost)
"""The tables of one workload in one view, in their order."""


def build(document: Results) -> Report:
    """The report of a results document, finished or not."""
    run = document.run
    rounds = counted(run.rounds, "round") + (f" ({run.ended})" if run.ended else "")
    return Report(
        title=f"{run.plan or 'run'}: {rounds}, seed {run.seed}{STATES[run.status]}",
        answer=[] if run.decision else answers(document),
        sections=[
            *ladder.sections(document),
            *why.sections(document),
            *(section for view in run.views for section in _sections(document, view)),
        ],
        reading=list(_reading(document)),
        environment=_environment(document),
        card=card_of(document),
    )


def _sections(document: Results, view: View) -> Iterable[Section]:
    """One for each workload of a view, all its loads in it; then what its figures depend on.

    Of a rung and of a sweep, the tables of each point are detail.
    """
    cells = document.cells
    sweep = is_sweep(cells, view)
    of_workload: dict[tuple[str, str], list[list[Cell]]] = {}
    for group in groups(cells, view):
        of_workload.setdefault((group[0].workload, repr(group[0].params)), []).append(group)
    for gathered in of_workload.values():
        yield Section(
            title=f"{described_workload(*(cell for group in gathered for cell in group))} — {view.name}",
            about=view.about or MATCHED[view.matched],
            tables=[
                table._replace(detail=True) if view.rung or sweep else table
                for kind in OF_A_WORKLOAD
                for table in kind.tables(gathered, view)
            ],
            cells=[cell for group in gathered for cell in group],
        )
    if view.rung is not None:
        return
    yield from scaling.sections(document, view, shown=sweep)


def _reading(document: Results) -> Iterable[str]:
    names = {view.name for view in document.run.views}
    kinds = {cell.load.kind for cell in document.cells if names & set(cell.views)}
    if "closed" in kinds:
        yield "Latency in a closed load is clients ÷ throughput (Little's law): shown, never ranked."
    if any(cell.summary and cell.summary.loop_lag_p99_ms is not None for cell in document.cells):
        yield "Loop lag (p99): how long what is ready waits for the driver's event loop, in which asyncio rows execute."
    if "open" in kinds:
        yield "Latency in an open load runs from when a request was due; `p99 from send` is what most tools show."
    yield "95 % intervals are those of the mean: Student's t over the boots' means, or over rounds of a single boot."
    if document.run.kept:
        kept = listed(document.run.kept)
        yield f"Not started by this run: {kept}. Intervals leave out what varies between starts of that."
    yield "CPU includes driver, workers and broker."
    yield f"{BLANK} marks an unknown figure, and a percentile with fewer than 10 samples beyond it."


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
    lines.append(f"command: {document.run.command}")
    return lines


def _broker(broker: BrokerDescription) -> str:
    started_by = "started for the run" if broker.own else broker.url
    backends = {None: "", "rpc": ", results as messages (rpc)"}
    backend = backends.get(broker.backend, f", results in {broker.backend}")
    return f"{broker.server} {broker.version}, {started_by}{backend}"

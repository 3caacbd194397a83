"""The report of a comparison of two runs, for every format that shows tables."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from harness.report.doubted import in_a_sentence
from harness.report.first.of_two_runs import first_screen
from harness.report.scaled_time import beside_scale
from harness.report.subjects import run_name, title_of
from harness.report.table import Column, Report, Row, Section, Table, interval_text
from harness.report.wording import counted
from harness.results.model import Results
from harness.statistics.gates import GateResult
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT
from harness.statistics.metrics import COMPARED, Metric
from harness.statistics.two_runs import Change, changes, name, only_in_one, unlike
from harness.statistics.units import percent
from harness.statistics.verdicts import EQUAL_WITHIN, NO_DIFFERENCE, UNDECIDED

PAIRED = "Student's t on the logarithms of the ratios of each pair."
WELCH = "Welch's, on the logarithms of the boots' means: rounds of two runs are not pairs."
EQUAL = f"±{percent(EQUAL_WITHIN)}"


def build(base: Results, new: Results, gate_results: Sequence[GateResult] = (), *, paired: bool = False) -> Report:
    """Cell by cell: the base, the new run, their ratio with its interval, and what that means."""
    changed = list(changes(base, new, paired=paired))
    by_metric = {metric: [change for change in changed if change.metric is metric] for metric in COMPARED}
    return Report(
        title=f"new: {new.run.id}, base: {base.run.id}",
        first=first_screen(
            changed, list(_not_passed(gate_results)), [*_nothing(base, new, changed), *_passed(gate_results)]
        ),
        answer=[*_answer(changed), *_gates(gate_results)],
        sections=[
            *_differing(base, new),
            *(_section(metric, changed, beside_scale(new)) for metric, changed in by_metric.items() if changed),
        ],
        reading=[
            "Both were measured in turns, in pairs of a boot each." if paired else _unknowable(base, new),
            f"Ratios are NEW ÷ BASE. Their 95 % intervals are {PAIRED if paired else WELCH}",
            "All changes of a metric are judged together (Holm 1979): among cells that did not change, the chance of "
            "any verdict is at most 5 %.",
            f"No difference: the whole interval is within {EQUAL}. Undecided: it is not, and includes 1.",
            f"A verdict needs {ROUNDS_FOR_VERDICT} rounds and {BOOTS_FOR_VERDICT} boots in both runs; with fewer, "
            "ratios are indicative.",
            "Latencies are compared in open loads only.",
        ],
        environment=[
            f"base: {base.run.id}, {base.run.started}, {base.run.command}",
            f"new: {new.run.id}, {new.run.started}, {new.run.command}",
        ],
    )


def _nothing(base: Results, new: Results, changed: Sequence[Change]) -> Iterable[str]:
    """Why no figure is in both; nothing where one is."""
    if changed:
        return
    if base.run.time_scale == new.run.time_scale and any(not each for each in only_in_one(base, new)):
        yield "No row that both runs have was measured in both."
        return
    yield (
        f"No row is in both, which takes the same workload, contender and load: the base is {_work(base)}, the new run "
        f"{_work(new)}."
    )


def _work(results: Results) -> str:
    """`quick (http_date)`."""
    shown = {view.name for view in results.run.views}
    workloads = dict.fromkeys(cell.workload for cell in results.cells if shown & set(cell.views))
    return f"{run_name(results)} ({', '.join(workloads)})"


def _answer(changed: list[Change]) -> Iterable[str]:
    if not changed:
        yield "The two runs have no figure in common."
        return
    cells = len({change.cell.id for change in changed})
    for change in changed:
        if change.verdict not in (None, NO_DIFFERENCE, UNDECIDED) and change.ci95 is not None:
            low, high = change.ci95
            if change.ratio >= 1:
                said = f"{change.metric.name} is {change.ratio:.2f} times the base's"
            else:  # told from the side of the higher one
                said = f"the base's {change.metric.name} is {1 / change.ratio:.2f} times as high"
                low, high = 1 / high, 1 / low
            seen = f"{said} (95 % interval {low:.2f} to {high:.2f})"
            yield f"{name(change.cell)}: {seen}: {change.verdict}.{in_a_sentence((change.cell, change.again))}"
    verdicts = Counter(change.verdict for change in changed)
    of_all = f"of {len(changed)} figures of {counted(cells, 'cell')}"
    if same := verdicts[NO_DIFFERENCE]:
        yield f"No difference in {same} {of_all}."
    if undecided := verdicts[UNDECIDED]:
        yield f"Undecided: {undecided} {of_all}; their intervals include 1 and more than {EQUAL}."
    for reason, number in Counter(map(_too_few, changed)).items():
        if reason:
            yield f"No verdict on {number} of {len(changed)} figures: {reason}."


def _too_few(change: Change) -> str | None:
    """Why it has no verdict."""
    if change.verdict is not None:
        return None
    if change.rounds < ROUNDS_FOR_VERDICT:
        return "too few rounds"
    return "measured in a single boot, which does not show what varies between boots"


def _gates(gate_results: Sequence[GateResult]) -> Iterable[str]:
    """Each that did not pass; then those that passed."""
    yield from _not_passed(gate_results)
    yield from _passed(gate_results)


def _not_passed(gate_results: Sequence[GateResult]) -> Iterable[str]:
    """Each of those, with the doubts of its rows."""
    for result in gate_results:
        if result.outcome != "passed":
            yield f"{result.text}{in_a_sentence((result.change.cell, result.change.again))}"


def _passed(gate_results: Sequence[GateResult]) -> Iterable[str]:
    """Those that passed, together."""
    passed = [result for result in gate_results if result.outcome == "passed"]
    if passed:
        gates = ", ".join(dict.fromkeys(result.gate.text for result in passed))
        yield f"Gates passed {len(passed)} of {len(gate_results)} times: {gates}."


def _unknowable(base: Results, new: Results) -> str:
    """What two documents cannot tell, however narrow their intervals: what else changed from one run to the other."""
    apart = datetime.fromisoformat(new.run.started) - datetime.fromisoformat(base.run.started)
    hours = abs(apart.total_seconds()) / 3600
    when = f"{hours / 24:.0f} days" if hours > 48 else f"{hours:.1f} hours"
    where = "on the same machine"
    if base.environment.boot_id != new.environment.boot_id:
        where = "on two machines, or on one that was restarted in between"
    return (
        f"Not in the intervals: the runs began {when} apart, {where}. What else changed meanwhile, such as the load of "
        "others and clock rates, looks like a change of the code."
    )


def _differing(base: Results, new: Results) -> Iterable[Section]:
    """What may have caused a change; shown before the changes."""
    differences = unlike(base, new)
    if base.environment.git != new.environment.git:
        differences.append(f"revision: {base.environment.git} in the base, {new.environment.git} in the new run")
    if differences:
        columns = (Column("what", "what differs between the runs"),)
        rows = [Row({"what": text}) for text in differences]
        yield Section(
            "What differs", "besides the measured figures", [Table("unlike", "What differs", "", columns, rows, [])]
        )


def _section(metric: Metric, changed: list[Change], scale: str) -> Section:
    above, below = metric.verdicts
    columns = (
        Column("workload", "workload", rank=2, wraps=True, identifies=True),
        Column("contender", "contender", rank=1, identifies=True),
        Column("load", "load", rank=6, identifies=True),
        Column.of(metric, key="base", title="base")._replace(rank=7),
        Column.of(metric, key="new", title="new")._replace(rank=8),
        Column("ratio", "new ÷ base", "", 4, rank=4),
        Column("interval", "95 % interval", rank=5),
        Column("verdict", "verdict", rank=3),
    )
    table = Table(
        key=f"change-{metric.key}",
        title=metric.title,
        about=f"{above} above 1, {below} below",
        columns=columns,
        rows=[_row(change) for change in changed],
        notes=[],
    )
    return Section(title=f"{metric.title}{scale}", about="", tables=[table])


def _row(change: Change) -> Row:
    cell = change.cell
    return Row(
        {
            "workload": title_of(cell),
            "contender": cell.label,
            "load": cell.load.text,
            "base": change.base,
            "new": change.new,
            "ratio": change.ratio,
            "interval": interval_text(change.ci95, 4),
            "verdict": change.verdict or _few(change),
        },
        cell.side,
    )


def _few(change: Change) -> str:
    if change.rounds < ROUNDS_FOR_VERDICT:
        return "indicative" if change.ci95 else "a single round"
    return "indicative, a single boot"

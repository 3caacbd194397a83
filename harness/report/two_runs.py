"""The report of a comparison of two runs, for every format that shows tables."""

from collections.abc import Iterable, Sequence

from harness.report.table import Column, Report, Row, Section, Table, number
from harness.results.model import Results
from harness.statistics.comparisons import METRICS
from harness.statistics.gates import Judged
from harness.statistics.intervals import ROUNDS_FOR_VERDICT
from harness.statistics.two_runs import Change, changes, name, unlike

TITLES = {
    "throughput_per_s": ("Requests", "/s", 4),
    "latency_p50_ms": ("Median latency", "ms", 3),
    "latency_p99_ms": ("p99 latency", "ms", 3),
    "cpu_s_per_1000": ("CPU", "s/1000", 3),
    "memory_mb": ("Memory", "MB", 3),
}
"""Metric → what it is called, its unit and its digits; in the order of the tables."""


def build(base: Results, new: Results, judged: Sequence[Judged] = ()) -> Report:
    """Cell by cell: the base, the new run, their ratio with its interval, and what that means."""
    found = list(changes(base, new))
    sections = [_section(metric, rows) for metric in TITLES if (rows := [one for one in found if one.metric == metric])]
    return Report(
        title=f"{new.run.id} against {base.run.id}",
        answer=[*_answer(found), *(one.text for one in judged if not one.passed), *_passed(judged)],
        sections=[*_differing(base, new), *sections],
        reading=[
            "Ratios are NEW ÷ BASE. Their 95 % intervals are Welch's, on the logarithms of the trials' figures: "
            "rounds of two runs are not pairs.",
            f"A verdict needs {ROUNDS_FOR_VERDICT} rounds in both runs; with fewer, ratios are indicative.",
            "Latencies are compared in open loads only.",
        ],
        environment=[
            f"base: {base.run.id}, {base.run.started}, {base.run.command}",
            f"new: {new.run.id}, {new.run.started}, {new.run.command}",
        ],
    )


def _answer(found: list[Change]) -> Iterable[str]:
    if not found:
        yield "The two runs have no figure in common."
        return
    cells = len({one.cell.id for one in found})
    told = [one for one in found if one.verdict not in (None, "no difference")]
    undecided = sum(one.verdict is None for one in found)
    for one in told:
        assert one.ci95 is not None
        low, high = one.ci95
        yield (
            f"{name(one.cell)}: {TITLES[one.metric][0].lower()} {one.verdict}, {one.ratio:.2f} times the base's "
            f"(95 % interval {low:.2f} to {high:.2f})."
        )
    same = sum(one.verdict == "no difference" for one in found)
    if same:
        yield f"No difference in {same} of {len(found)} figures of {cells} cells."
    if undecided:
        yield f"No verdict on {undecided} of {len(found)} figures: too few rounds."


def _passed(judged: Sequence[Judged]) -> Iterable[str]:
    passed = [one for one in judged if one.passed]
    if passed:
        gates = ", ".join(dict.fromkeys(one.gate.text for one in passed))
        yield f"Gates passed {len(passed)} of {len(judged)} times: {gates}."


def _differing(base: Results, new: Results) -> Iterable[Section]:
    """What may be the cause of a change, before the changes."""
    found = unlike(base, new)
    if base.environment.git != new.environment.git:
        found.append(f"revision: {base.environment.git} in the base, {new.environment.git} in the new run")
    if found:
        columns = (Column("what", "what differs between the runs"),)
        rows = [Row({"what": text}) for text in found]
        yield Section(
            "What differs", "beside what was measured", [Table("unlike", "What differs", "", columns, rows, [])]
        )


def _section(metric: str, rows: list[Change]) -> Section:
    title, unit, digits = TITLES[metric]
    columns = (
        Column("workload", "workload"),
        Column("contender", "contender"),
        Column("load", "load"),
        Column("base", "base", unit, digits),
        Column("new", "new", unit, digits),
        Column("ratio", "new ÷ base", "", 4),
        Column("interval", "95 % interval"),
        Column("verdict", "verdict"),
    )
    table = Table(
        key=f"change-{metric}",
        title=f"{title} {unit}",
        about=f"{METRICS[metric][1]} above 1, {METRICS[metric][2]} below",
        columns=columns,
        rows=[_row(one) for one in rows],
        notes=[],
    )
    return Section(title=f"{title} {unit}", about="", tables=[table])


def _row(one: Change) -> Row:
    params = ", ".join(f"{key}={value}" for key, value in one.cell.params.items())
    return Row(
        {
            "workload": f"{one.cell.workload} ({params})" if params else one.cell.workload,
            "contender": one.cell.label,
            "load": one.cell.load.text,
            "base": one.base,
            "new": one.new,
            "ratio": one.ratio,
            "interval": one.ci95 and f"{number(one.ci95[0], 4)} … {number(one.ci95[1], 4)}",
            "verdict": one.verdict or ("indicative" if one.ci95 else "a single round"),
        },
        one.cell.side,
    )

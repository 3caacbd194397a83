"""Gates of a comparison: how much worse a metric may become. Pure functions."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from harness.errors import UsageError
from harness.statistics.intervals import BOOTS_FOR_VERDICT
from harness.statistics.metrics import BY_SHORT, Metric
from harness.statistics.two_runs import Change, name
from harness.statistics.units import PERCENT, percent, quantity

FORM = re.compile(r"(?:(?P<workload>[^/:%]+)(?:/(?P<contender>[^%]+))?:)?(?P<metric>[a-z0-9_]+):(?P<allowed>[^:]+)")


Outcome = Literal["passed", "failed", "undecided"]
WORDS: dict[Outcome, str] = {"passed": "passed", "failed": "FAILED", "undecided": "undecided"}


class Gate(NamedTuple):
    """By how many percent a metric may become worse; None stands for any workload, any contender."""

    text: str
    metric: Metric
    percent: float
    workload: str | None
    contender: str | None


class GateResult(NamedTuple):
    """A change held against a gate."""

    gate: Gate
    change: Change
    outcome: Outcome

    @property
    def text(self) -> str:
        """In words, with the interval it was judged by."""
        return f"gate {self.gate.text} {WORDS[self.outcome]}: {name(self.change.cell)}, {self._why}"

    @property
    def _why(self) -> str:
        interval = self.change.ci95
        if interval is None:
            return f"one boot: the ratio of {self.change.ratio:.2f} has no interval"
        low, high = (percent(end - 1, 1, signed=True) for end in interval)
        why = f"95 % interval of the change {low} to {high}"
        return why if self.change.boots >= BOOTS_FOR_VERDICT else f"{why}, which leaves out what varies between boots"


def parse(text: str) -> Gate:
    """Read a gate such as `p99:10%` or `http_date/asyncio:p99:10%`; raises UsageError."""
    match = FORM.fullmatch(text.replace(" ", ""))
    percent = None
    if match is not None:
        percent = 0.0 if match["allowed"] == "0" else quantity(match["allowed"], PERCENT)  # nothing of any unit
    if match is None or percent is None or match["metric"] not in BY_SHORT:
        raise UsageError(
            f"--fail-on {text!r}: expected METRIC:PERCENT% with a metric of {', '.join(BY_SHORT)}, optionally "
            "preceded by the cells it applies to: 'p99:10%', 'http_date:throughput:5%', 'http_date/asyncio:p99:10%', "
            "'*/celery-solo:1:cpu:20%'."
        )
    workload = None if match["workload"] == "*" else match["workload"]
    metric = BY_SHORT[match["metric"]]
    if metric.more_is_better and percent >= 100:
        raise UsageError(
            f"--fail-on {text!r}: {metric.name} cannot become worse by more than 100 %, so this gate could never fail; "
            "use less than 100 %."
        )
    return Gate(text, metric, percent, workload, match["contender"])


def judge(gate: Gate, changes: Sequence[Change]) -> list[GateResult]:
    """Each change that the gate applies to; raises UsageError if there is none, or none of several rounds.

    A gate fails only where the whole interval lies beyond what is allowed, so that noise alone does not fail it, and
    passes only where the whole interval lies within. Anything else is undecided; so is what was measured in one boot.
    """
    matched = [change for change in changes if _matches(gate, change)]
    judged = [GateResult(gate, change, _outcome(gate, change)) for change in matched if change.rounds > 1]
    if judged:
        return judged
    if matched:
        raise UsageError(
            f"--fail-on {gate.text!r}: a single round has no interval; run at least 2 rounds, preferably 5."
        )
    known = sorted(
        {f"{change.cell.workload}/{change.cell.label}" for change in changes if change.metric == gate.metric}
    )
    raise UsageError(
        f"--fail-on {gate.text!r}: no cell of both runs matches it. "
        + (f"The metric is known for: {', '.join(known)}." if known else "Latencies are compared in open loads only.")
    )


def _matches(gate: Gate, change: Change) -> bool:
    cell = change.cell
    return (
        change.metric == gate.metric
        and gate.workload in (None, cell.workload)
        and gate.contender in (None, cell.name, cell.label)
    )


def _outcome(gate: Gate, change: Change) -> Outcome:
    if change.ci95 is None or change.boots < BOOTS_FOR_VERDICT:
        return "undecided"
    low, high = change.ci95
    if gate.metric.more_is_better:
        best, worst, allowed = -high, -low, gate.percent / 100 - 1
    else:
        best, worst, allowed = low, high, gate.percent / 100 + 1
    if best > allowed:
        return "failed"
    return "passed" if worst <= allowed else "undecided"

"""Gates of a comparison: how much worse a metric may become. Pure functions."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from harness.errors import UsageError
from harness.results.model import Interval
from harness.statistics.metrics import BY_SHORT, Metric
from harness.statistics.two_runs import Change, name
from harness.statistics.units import PERCENT, quantity

FORM = re.compile(r"(?:(?P<workload>[^/:%]+)(?:/(?P<contender>[^%]+))?:)?(?P<metric>[a-z0-9]+):(?P<allowed>[^:]+)")


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
    interval: Interval
    """Of the change's ratio; the gate is judged by it."""
    passed: bool

    @property
    def text(self) -> str:
        """In words, with the interval it was judged by."""
        low, high = (100 * (end - 1) for end in self.interval)
        outcome = "passed" if self.passed else "FAILED"
        return (
            f"gate {self.gate.text} {outcome}: {name(self.change.cell)}, "
            f"95 % interval of the change {low:+.1f} % to {high:+.1f} %"
        )


def parse(text: str) -> Gate:
    """Read a gate such as `p99:10%` or `http_date/asyncio:p99:10%`; raises UsageError."""
    match = FORM.fullmatch(text.replace(" ", ""))
    percent = quantity(match["allowed"], PERCENT) if match else None
    if match is None or percent is None or match["metric"] not in BY_SHORT:
        raise UsageError(
            f"--fail-on {text!r}: expected METRIC:PERCENT% with a metric of {', '.join(BY_SHORT)}, optionally "
            "preceded by the cells it applies to: 'p99:10%', 'http_date:throughput:5%', 'http_date/asyncio:p99:10%', "
            "'*/celery-solo:1:cpu:20%'."
        )
    workload = None if match["workload"] == "*" else match["workload"]
    return Gate(text, BY_SHORT[match["metric"]], percent, workload, match["contender"])


def judge(gate: Gate, changes: Sequence[Change]) -> list[GateResult]:
    """Each change that the gate applies to; raises UsageError if none has an interval.

    A gate fails only where the whole interval lies beyond what is allowed, so that noise alone does not fail it.
    """
    matched = [change for change in changes if _matches(gate, change)]
    judged = [
        GateResult(gate, change, change.ci95, _passes(gate, change.ci95))
        for change in matched
        if change.ci95 is not None
    ]
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


def _passes(gate: Gate, interval: Interval) -> bool:
    low, high = interval
    if gate.metric.more_is_better:
        return high >= 1 - gate.percent / 100
    return low <= 1 + gate.percent / 100

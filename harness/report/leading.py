"""The figure that a workload is about, which its tables, charts and sentences begin with (`Workload.is_about`)."""

from functools import cache
from typing import NamedTuple

from harness import registry
from harness.errors import UsageError
from harness.report.table import Column, number
from harness.results.model import Cell, Interval, Trial
from harness.statistics.intervals import mean_of
from harness.statistics.metrics import BY_KEY, Metric, mostly_answered
from harness.statistics.units import named_with_unit
from workloads.workload import THROUGHPUT, Measure, Workload

DIGITS, DECIMALS = 3, 3


class Mean(NamedTuple):
    """A row's figure, with its 95 % interval where it is known."""

    value: float
    interval: Interval | None


class Lead(NamedTuple):
    """The measure with what the harness knows of it."""

    measure: Measure

    @property
    def metric(self) -> Metric | None:
        """The metric, where it is one that every trial has."""
        return BY_KEY.get(self.measure.key)

    @property
    def unit(self) -> str:
        """Of its numbers: `ms`, `MiB/s`."""
        if self.metric is not None:
            return "requests/s" if self.measure == THROUGHPUT else "ms"
        what, unit = named_with_unit(self.measure.key)
        return f"{what}{unit}" if unit == "/s" else unit

    @property
    def column(self) -> Column:
        """A column of it, the first figure of a table."""
        return Column(
            "lead",
            self.measure.name,
            self.unit,
            DIGITS,
            better=None if self.measure.better == "nearest 0" else self.measure.better,
            decimals=DECIMALS,
            rank=2,
            spread="lead_interval",
        )

    def of_trial(self, trial: Trial) -> float | None:
        """The trial's figure; None if it is not known, or not to be compared."""
        if self.metric is not None:
            return self.metric.of_trial(trial)
        value = trial.extra.get(self.measure.key) if mostly_answered(trial) else None
        return float(value) if isinstance(value, int | float) else None

    def of_cell(self, cell: Cell) -> Mean | None:
        """The mean over a row's boots and rounds; None if a trial has none."""
        if self.metric is not None and cell.summary is not None:
            value = self.metric.of_cell(cell)
            return None if value is None else Mean(value, self.metric.interval(cell.summary))
        trials = [(trial.boot, self.of_trial(trial)) for trial in cell.counted if trial.status == "measured"]
        known = [(boot, value) for boot, value in trials if value is not None]
        if not known or len(known) < len(trials):
            return None
        value, interval = mean_of([value for _, value in known], [boot for boot, _ in known])
        return Mean(value, interval and self._possible(value, interval))

    def _possible(self, value: float, interval: Interval) -> Interval:
        """The part of an interval in which the figure can lie: t knows no bounds."""
        low, high = interval
        return min(value, max(low, self.measure.least)), max(value, min(high, self.measure.most))

    def text(self, cell: Cell) -> str:
        """`celery-threads:16 1.4 ms (1.1 to 1.7)`."""
        mean = self.of_cell(cell)
        if mean is None:
            return f"{cell.label} without one"
        between = f" ({_number(mean.interval[0])} to {_number(mean.interval[1])})" if mean.interval else ""
        return f"{cell.label} {_number(mean.value)} {self.unit}{between}"


def _number(value: float) -> str:
    return number(value, DIGITS, DECIMALS)


@cache
def lead_of(workload: str) -> Lead:
    """That of a workload that comes with the project; throughput for any other."""
    try:
        kind: type[Workload] = registry.load("workload", workload)  # type: ignore[type-arg]
    except UsageError:
        return Lead(THROUGHPUT)
    return Lead(kind.is_about)

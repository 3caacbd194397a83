"""The metrics by which trials are compared: each defined once, with its names, its unit and how it is read.

To add one, add it here: comparisons, gates, tables and charts take all that they need from `METRICS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from harness.results.base import MetricKey
from harness.results.model import Cell, Interval, Summary, Trial, Verdict
from harness.statistics.doubts import NOT_STATIONARY, UNSUSTAINABLE
from harness.statistics.intervals import Estimate, by_boot, estimate

VERDICTS: dict[str, tuple[Verdict, Verdict]] = {
    "rate": ("faster", "slower"),
    "latency": ("slower", "faster"),
    "cost": ("more", "less"),
}
"""Kind of metric → what a ratio above 1 and one below 1 are called."""
TOLD = {"rate": ("as fast", "as slow"), "latency": ("as slow", "as fast"), "cost": ("as much", "less")}
"""The same, as sentences tell it."""
LOST_MOST, FAILED_MOST = 0.01, 0.1
"""Shares of the requests of a trial; work that fails now and then does so on every contender."""
DROPPED = frozenset({"Refused", "TaskRevokedError", "MessageNacked"})
"""Kinds of failure of what was not tried: more came than a limit of the application's or of a queue lets in, or a task
expired."""
ALONE = "closed:1"
"""The load whose trials are about one request at a time."""


def sustained(trial: Trial) -> bool:
    """Whether an open load was worked off as it came: else latency only shows how long the trial ran."""
    return all(doubt.kind != UNSUSTAINABLE for doubt in trial.doubts)


def at_rest(trial: Trial) -> bool:
    """Whether it was measured at rest: else its figures are those of a start."""
    return all(doubt.kind != NOT_STATIONARY for doubt in trial.doubts)


def dropped(trial: Trial) -> int:
    """How many of its requests were refused, or expired."""
    return min(trial.failed, sum(failure.count for failure in trial.failures if failure.kind in DROPPED))


def mostly_answered(trial: Trial) -> bool:
    """Whether hardly a request was lost or dropped, and few failed: else its figures are those of what came through."""
    few_failed = trial.failed + trial.wrong <= FAILED_MOST * trial.submitted
    return few_failed and trial.lost + dropped(trial) <= LOST_MOST * trial.submitted


def memory_mb(trial: Trial) -> float | None:
    """Memory of driver and workers together, in MB (10^6 bytes), at the end of the window; None if unknown."""
    usage = trial.usage
    if usage.driver is None or usage.driver.memory_mb is None or "workers" in usage.missing:
        return None
    if usage.workers is None:
        return usage.driver.memory_mb
    if usage.workers.memory_mb is None:
        return None
    return usage.driver.memory_mb + usage.workers.memory_mb


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a trial and of a cell."""

    key: MetricKey
    """Key in the results document and in CSV."""
    short: str
    """Name in a gate, and key of a column or chart."""
    name: str
    """Name in sentences and titles."""
    heading: str
    """Heading of a column, before the unit."""
    unit: str
    kind: Literal["rate", "latency", "cost"]
    """More of a rate is better, less of a latency or a cost. Costs are compared under every load."""
    in_trial: Callable[[Trial], float | None]
    in_summary: Callable[[Summary], float | None]
    interval: Callable[[Summary], Interval | None] = lambda _: None
    """Its 95 % interval over the trials, where summaries have one."""
    rung_loads: tuple[str, ...] = ()
    """Kinds of load, or `closed:1`, under which a rung of a ladder is judged by it."""
    rungs_only: bool = False
    """Whether nothing but rungs is compared by it."""
    once_a_boot: bool = False
    """Whether a start of the workers decides it, so that rounds of one boot read the same thing again."""
    digits: int = 3
    """Significant digits."""
    decimals: int = 9
    """At the most."""

    @property
    def more_is_better(self) -> bool:
        """Whether a higher figure is the better one."""
        return self.kind == "rate"

    @property
    def better(self) -> Literal["higher", "lower"]:
        """Which figure is the better one."""
        return "higher" if self.more_is_better else "lower"

    @property
    def verdicts(self) -> tuple[Verdict, Verdict]:
        """What a ratio above 1 and one below 1 are called."""
        return VERDICTS[self.kind]

    def told(self, ratio: float) -> str:
        """A change by that ratio, never below 1: `throughput 1.30 times as fast`."""
        above, below = TOLD[self.kind]
        times = max(ratio, 1 / ratio)
        return f"{self.name} {times:,.{2 if times < 10 else 0}f} times {above if ratio >= 1 else below}"

    @property
    def title(self) -> str:
        """Its name, capitalised; `p99` stays as it is."""
        return self.name if self.name[1].isdigit() else self.name[0].upper() + self.name[1:]

    @property
    def axis(self) -> str:
        """As the title of an axis."""
        return f"{self.heading}{self.unit}" if self.unit.startswith("/") else f"{self.name}, {self.unit}"

    def of_trial(self, trial: Trial) -> float | None:
        """The trial's figure; None if it is unknown, below 0, or not to be compared.

        That is a latency at a rate that was not sustained, and anything of a trial that was not at rest, or that lost
        requests.
        """
        if not at_rest(trial) or not mostly_answered(trial) or (self.kind == "latency" and not sustained(trial)):
            return None
        figure = self.in_trial(trial)
        return figure if figure is None or figure >= 0 else None

    def by_boot(self, cell: Cell) -> list[list[float]]:
        """The figures of a cell's measured trials, by boot; empty where one of them has none."""
        figures = [(trial.boot, self.of_trial(trial)) for trial in cell.trials if trial.status == "measured"]
        known = [(boot, figure) for boot, figure in figures if figure is not None and figure > 0]
        return by_boot(known) if len(known) == len(figures) else []

    def estimated(self, cell: Cell) -> Estimate | None:
        """Its mean over a cell's boots and rounds; None where a trial has none."""
        boots = self.by_boot(cell)
        return estimate(boots, once_a_boot=self.once_a_boot) if boots else None

    def of_cell(self, cell: Cell) -> float | None:
        """The summary's figure; None if it is unknown, where requests were lost, and for a latency not sustained."""
        if cell.summary is None or not all(map(mostly_answered, cell.counted)):
            return None
        if self.kind == "latency" and not all(map(sustained, cell.counted)):
            return None
        return self.in_summary(cell.summary)


THROUGHPUT = Metric(
    key="throughput_per_s",
    short="throughput",
    name="throughput",
    heading="requests",
    unit="/s",
    kind="rate",
    in_trial=lambda trial: trial.throughput_per_s,
    in_summary=lambda summary: summary.throughput_per_s,
    interval=lambda summary: summary.throughput_ci95,
    rung_loads=("closed", "burst", "drain"),
    digits=4,
)
"""Good replies a second in the steady window."""
PUBLISH_RATE = Metric(
    key="publish_per_s",
    short="publish",
    name="publish rate",
    heading="published",
    unit="/s",
    kind="rate",
    in_trial=lambda trial: trial.publish_per_s,
    in_summary=lambda summary: summary.publish_per_s,
    rung_loads=("drain",),
    rungs_only=True,
    digits=4,
)
"""Requests submitted a second while nothing was executed: of a backlog only."""
MEDIAN_LATENCY = Metric(
    key="latency_p50_ms",
    short="p50",
    name="median latency",
    heading="p50",
    unit="ms",
    kind="latency",
    in_trial=lambda trial: trial.latency_ms.p50 if trial.latency_ms else None,
    in_summary=lambda summary: summary.latency_ms.p50,
    interval=lambda summary: summary.latency_ci95_ms.get("p50"),
    rung_loads=(ALONE, "open"),
    decimals=3,
)
P99_LATENCY = Metric(
    key="latency_p99_ms",
    short="p99",
    name="p99 latency",
    heading="p99",
    unit="ms",
    kind="latency",
    in_trial=lambda trial: trial.latency_ms.p99 if trial.latency_ms else None,
    in_summary=lambda summary: summary.latency_ms.p99,
    interval=lambda summary: summary.latency_ci95_ms.get("p99"),
    rung_loads=("open",),
    decimals=3,
)
CPU = Metric(
    key="cpu_s_per_1000",
    short="cpu",
    name="CPU per 1,000 requests",
    heading="CPU",
    unit="s/1000",
    kind="cost",
    in_trial=lambda trial: trial.cpu_s_per_1000,
    in_summary=lambda summary: summary.cpu_s_per_1000,
    rung_loads=("closed", "burst", "drain", "open"),
)
"""CPU-seconds of driver, workers and broker per 1,000 good replies."""
MEMORY = Metric(
    key="memory_mb",
    short="memory",
    name="memory",
    heading="memory",
    unit="MB",
    kind="cost",
    in_trial=memory_mb,
    in_summary=lambda summary: summary.memory_mb,
    rung_loads=("closed", "burst", "drain", "open"),
    once_a_boot=True,
)
REDIS_COMMANDS = Metric(
    key="redis_commands",
    short="redis_commands",
    name="Redis commands a request",
    heading="Redis",
    unit="commands",
    kind="cost",
    in_trial=lambda trial: trial.redis_commands,
    in_summary=lambda summary: summary.redis_commands,
    digits=4,
    decimals=2,
)
"""Of a Redis of the run's own."""
MESSAGES = Metric(
    key="broker_messages",
    short="messages",
    name="RabbitMQ messages a request",
    heading="RabbitMQ",
    unit="messages",
    kind="cost",
    in_trial=lambda trial: trial.broker_messages,
    in_summary=lambda summary: summary.broker_messages,
    digits=4,
    decimals=2,
)
"""Published on a RabbitMQ that nobody else uses meanwhile."""
METRICS = (THROUGHPUT, PUBLISH_RATE, MEDIAN_LATENCY, P99_LATENCY, CPU, MEMORY, REDIS_COMMANDS, MESSAGES)
"""All metrics, in the order of tables and sentences."""
COMPARED = tuple(metric for metric in METRICS if not metric.rungs_only)
"""The metrics by which cells and runs are compared."""
COSTS = tuple(metric for metric in COMPARED if metric.kind == "cost")
SPEEDS = tuple(metric for metric in COMPARED if metric.kind != "cost")
BY_KEY: dict[str, Metric] = {metric.key: metric for metric in METRICS}
BY_SHORT = {metric.short: metric for metric in COMPARED}


def ranked_by(cell: Cell) -> list[Metric]:
    """The metrics by which cells under this cell's load are compared and ranked, the first one first."""
    return [BY_KEY[key] for key in cell.load.ranked]


def rung_metrics(cell: Cell) -> list[Metric]:
    """The metrics by which a rung is judged under this cell's load."""
    load = ALONE if cell.load.text == ALONE else cell.load.kind
    return [metric for metric in METRICS if load in metric.rung_loads]

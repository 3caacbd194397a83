"""The figures of a decision, read from its document: what both sides cost at the rate, and how they compare."""

from collections.abc import Iterable
from statistics import fmean
from typing import NamedTuple

from harness.results.decision import ALONE, MOST, RATE
from harness.results.model import Cell, Decision, HighestRate, Interval, Results, Side, Spoiler, Trial
from harness.statistics.comparisons import ratio_of
from harness.statistics.deciding.held import Held, held
from harness.statistics.intervals import Estimate
from harness.statistics.metrics import CPU, MEDIAN_LATENCY, MEMORY, P99_LATENCY, Metric, at_rest, sustained
from harness.statistics.units import SECONDS, quantity
from harness.statistics.verdicts import UNDECIDED, Said, said_by

UNSTABLE_SHARE = 1 / 3
"""Of the trials at the rate: where the backlog grew in no more of them, others on the machine may be the reason."""
CLEARLY = 0.5
"""Of a limit: what the slowest reply took, where it holds without any doubt."""
CLEARLY_LESS = 0.9
"""Share of the rate."""
LATE_SHARE = 0.01
"""Of all requests: the limit is one of the p99."""
RATE_LIMIT = "rate-limit"
DECIDING = frozenset({"countdown", "expires", RATE_LIMIT, "retries", "time-limit"})
"""Spoilers that are options of the task: with one, a figure of Celery shows the option."""
RATIOS = (MEDIAN_LATENCY, P99_LATENCY, CPU, MEMORY)


class Known(NamedTuple):
    """A figure and its 95 % interval, if it has one."""

    value: float
    interval: Interval | None = None

    def times(self, factor: float) -> "Known":
        """In another unit."""
        interval = (self.interval[0] * factor, self.interval[1] * factor) if self.interval else None
        return Known(self.value * factor, interval)


class SideFigures(NamedTuple):
    """One side at the rate."""

    side: Side
    label: str
    holds: Held
    """Whether the rate was sustained and its limit held, over all trials."""
    why_not: str = ""
    p50_ms: Known | None = None
    p99_ms: Known | None = None
    cpu_s: Known | None = None
    """CPU-seconds of a request: driver, workers and broker."""
    memory_mb: Known | None = None
    alone_ms: Known | None = None
    """The median of one request alone; a few requests have none."""
    alone_mean_ms: Known | None = None
    loop_share: float = 1.0
    """Of the driver's CPU, the part that its busiest process took: the rest are commands that the job runs."""
    alone_cpu_s: float | None = None
    others: float = 0.0
    """Share of the machine that others used during its trials at the rate; the mean."""
    beyond_per_s: float | None = None
    """About the most that it can do, where the rate asked for is far beyond that, so that it was not measured at it."""
    most: HighestRate | None = None
    limited_by: str | None = None
    cell: Cell | None = None

    @property
    def alone_s(self) -> float | None:
        """How long one request takes alone, on average: slots and CPU are shared out by means, never by medians."""
        return self.alone_mean_ms.value / 1000 if self.alone_mean_ms else None

    @property
    def works(self) -> bool:
        """Whether it is known what it does at the rate: also that no trial came to its end."""
        return (self.cell is not None and bool(self.cell.counted)) or self.beyond_per_s is not None

    @property
    def measured(self) -> bool:
        """Whether it has figures at the rate."""
        return self.cell is not None and self.cell.summary is not None

    @property
    def most_per_s(self) -> float | None:
        """The highest rate that held, else about the most that it can do; None if neither is known."""
        found = self.most.rate_per_s if self.most is not None else None
        return self.beyond_per_s if found is None else found

    def cores(self, rate_per_s: float) -> Known | None:
        """Cores that it keeps busy at that rate."""
        return self.cpu_s.times(rate_per_s) if self.cpu_s else None


class Ratio(NamedTuple):
    """Celery ÷ asyncio."""

    value: float
    interval: Interval | None
    said: Said
    """`above`: Celery has more; undecided where there are too few rounds."""


class Figures(NamedTuple):
    """What the card and the rules are made of."""

    decision: Decision
    cores: float
    """Of the machine, or its quota."""
    asyncio: SideFigures | None
    celery: SideFigures | None
    ratios: dict[str, Ratio]
    """By key of the metric."""
    rounds: int
    enough: bool
    """Whether there are rounds and boots enough for a verdict."""

    @property
    def deciding(self) -> list[Spoiler]:
        """Options of the task that were seen to decide what Celery does."""
        return [spoiler for spoiler in self.decision.spoilers if spoiler.kind in DECIDING]


def figures_of(results: Results) -> Figures | None:
    """None if the run is not one of `workbench decide`."""
    decision = results.run.decision
    if decision is None:
        return None
    at_rate = {side: _cell(results.cells, RATE, side, decision.pool) for side in ("asyncio", "celery")}
    base, other = at_rate["asyncio"], at_rate["celery"]
    estimates = {metric.key: ratio_of(base, other, metric) for metric in RATIOS} if base and other else {}
    known = {key: estimate for key, estimate in estimates.items() if estimate is not None}
    cpu = known.get(CPU.key)
    return Figures(
        decision=decision,
        cores=results.environment.cpu_quota or float(results.environment.cpus),
        asyncio=_side(results.cells, decision, "asyncio"),
        celery=_side(results.cells, decision, "celery"),
        ratios={key: _ratio(estimate) for key, estimate in known.items()},
        rounds=cpu.rounds if cpu else 0,
        enough=cpu is not None and cpu.enough,
    )


def _ratio(estimate: Estimate) -> Ratio:
    interval = estimate.interval()
    return Ratio(estimate.value, interval, said_by(interval) if estimate.enough else UNDECIDED)


def _cell(cells: Iterable[Cell], view: str, side: str, pool: str | None) -> Cell | None:
    """The side's cell in a view: of Celery, that of the pool that was taken."""
    of_side = [cell for cell in cells if view in cell.views and cell.side == side]
    if side == "asyncio":
        return next(iter(of_side), None)
    taken = next((cell for cell in of_side if cell.label == pool), None)
    name = (pool or "").partition(":")[0]
    return taken or next((cell for cell in of_side if cell.contender == name or pool is None), None)


def _side(cells: list[Cell], decision: Decision, side: Side) -> SideFigures | None:
    cell = _cell(cells, RATE, side, decision.pool)
    alone, most = _cell(cells, ALONE, side, decision.pool), _cell(cells, MOST, side, decision.pool)
    shown = cell or alone
    if shown is None:
        return None
    label = (decision.pool or shown.label) if side == "celery" else shown.label
    beyond_per_s = decision.beyond.get(label)
    holds, why_not = _held(cell, decision) if cell else _not_measured(alone, decision, beyond_per_s)
    holds, why_not = _agreed(holds, why_not, cell, decision, most)
    return SideFigures(
        side=side,
        label=label,
        holds=holds,
        why_not=why_not,
        p50_ms=_known(MEDIAN_LATENCY, cell),
        p99_ms=_known(P99_LATENCY, cell),
        cpu_s=_per_request(_known(CPU, cell)),
        memory_mb=_known(MEMORY, cell),
        alone_ms=_known(MEDIAN_LATENCY, alone),
        alone_mean_ms=Known(alone.summary.latency_ms.mean) if alone is not None and alone.summary is not None else None,
        loop_share=_loop_share(cell),
        alone_cpu_s=cpu.value if (cpu := _per_request(_known(CPU, alone))) else None,
        others=_others(cell),
        beyond_per_s=beyond_per_s,
        most=most.highest_rate if most else None,
        limited_by=most.highest_rate.limited_by if most and most.highest_rate else None,
        cell=cell,
    )


def _not_measured(alone: Cell | None, decision: Decision, beyond_per_s: float | None) -> tuple[Held, str]:
    """Of a side without a cell at the rate: that the rate is beyond it, or why it does not work."""
    if beyond_per_s is not None:
        return "no", f"about {beyond_per_s:,.3g}/s is the most that it does here"
    reason = (alone.reason if alone is not None and alone.status != "measured" else None) or _why_no_pool(
        alone, decision
    )
    if not reason and alone is not None and alone.counted and alone.summary is None:
        reason = "no request that was alone ended well"
    return "undecided", reason.splitlines()[0] if reason else "there was no time for it"


def _why_no_pool(alone: Cell | None, decision: Decision) -> str:
    if alone is None or alone.side != "celery" or decision.pool is not None:
        return ""
    return "; ".join(f"{pool.contender}: {pool.why}" for pool in decision.pools)


def _agreed(holds: Held, why_not: str, cell: Cell | None, decision: Decision, most: Cell | None) -> tuple[Held, str]:
    """Undecided where two figures of the same side contradict each other."""
    if cell is None or decision.rate_per_s is None:
        return holds, why_not
    limit_s = limit_of(decision)
    p99 = _known(P99_LATENCY, cell)
    if holds == "yes" and limit_s is not None and p99 is not None and p99.value >= 1000 * limit_s:
        return "undecided", f"few requests were late, but the p99 of its trials is {p99.value:,.3g} ms on average"
    confirmed = most.highest_rate.rate_per_s if most is not None and most.highest_rate is not None else None
    if holds == "no" and confirmed is not None and confirmed >= decision.rate_per_s:
        return "undecided", f"{why_not}; but {confirmed:,.3g}/s held when its highest rate was searched"
    return holds, why_not


def _held(cell: Cell, decision: Decision) -> tuple[Held, str]:
    """Whether a side holds the limit at the rate, and why not or why that is undecided."""
    if not cell.counted:
        return "undecided", "it was not measured at the rate"
    if cell.status != "measured":
        return "no", (cell.reason or cell.status).splitlines()[0]
    grew = [trial for trial in cell.counted if not sustained(trial)]
    if grew:
        why = f"the backlog grew in {_of_trials(len(grew), cell)}"
        return "no" if _says_no(grew, cell.counted, decision.rate_per_s) else "undecided", why
    limit_s = limit_of(decision)
    restless = sum(not (at_rest(trial) or far_below(trial, limit_s)) for trial in cell.counted)
    if restless:
        return "undecided", f"the load was not seen at rest in {_of_trials(restless, cell)}"
    late, submitted = decision.late.get(cell.label, (0, 0))
    found = held(late, submitted, LATE_SHARE)
    return found, "" if found == "yes" else f"{late:,} of {submitted:,} requests were later, or not answered well"


def _of_trials(some: int, cell: Cell) -> str:
    return "its only trial" if len(cell.counted) == 1 else f"{some} of {len(cell.counted)} trials"


def limit_of(decision: Decision) -> float | None:
    """Seconds that the limit allows."""
    return quantity((decision.limit or "").partition("<")[2], SECONDS)


def far_below(trial: Trial, limit_s: float | None) -> bool:
    """Whether no reply took even half of what the limit allows: then it does not matter that it was not at rest."""
    return limit_s is not None and trial.latency_ms is not None and trial.latency_ms.max <= CLEARLY * 1000 * limit_s


def _says_no(grew: list[Trial], trials: list[Trial], rate_per_s: float | None) -> bool:
    """Whether these trials decide it: more than a third of several; a single one only if far less was served."""
    if len(trials) > 1:
        return len(grew) > UNSTABLE_SHARE * len(trials)
    served = trials[0].sustained_per_s
    return rate_per_s is not None and served is not None and served < CLEARLY_LESS * rate_per_s


def _others(cell: Cell | None) -> float:
    machines = [trial.machine for trial in cell.counted if trial.machine is not None] if cell is not None else []
    shares = [machine.others_cpu_s / (machine.seconds * machine.cpus) for machine in machines if machine.seconds > 0]
    return fmean(shares) if shares else 0.0


def _known(metric: Metric, cell: Cell | None) -> Known | None:
    """A cell's figure with the interval over its boots; without one where single trials do not show it."""
    if cell is None or cell.summary is None:
        return None
    if (estimate := metric.estimated(cell)) is not None:
        return Known(estimate.value, estimate.interval())
    value = metric.of_cell(cell)
    return None if value is None else Known(value)


def _loop_share(cell: Cell | None) -> float:
    drivers = [trial.usage.driver for trial in cell.counted] if cell is not None else []
    shares = [used.busiest_cpu_s / used.cpu_s for used in drivers if used and used.cpu_s and used.busiest_cpu_s]
    return min(1.0, fmean(shares)) if shares else 1.0


def _per_request(per_1000: Known | None) -> Known | None:
    return per_1000.times(1 / 1000) if per_1000 else None

"""What the schedule of `workbench decide` reads from its cells: figures of single trials, and what follows."""

import math
from collections.abc import Sequence

from harness.accounting.bottleneck import busiest_core
from harness.plan.decide import ASYNCIO, RATE_MOST_S, ROUNDS
from harness.plan.limit import failures_allowed
from harness.results.decision import ALONE, FULL, LOOK
from harness.results.model import Cell, Decision
from harness.schedule.schedule import Trials
from harness.statistics.deciding.pools import Tried

WARMUP_S, COOL_DOWN_S = 0.5, 1.0
"""Before and after a window at a rate, in which the load goes on."""
FIRST_SHARE = 0.6
"""Of what a side served in full use, or of what the CPU of a request alone allows: where the search begins."""
CORE_LEAST, CORE_MARGIN = 0.3, 1.3
"""How busy a driver must have been for its core to say how much it could do; and by how much more that may be."""
CPU_MARGIN = 3.0
"""CPU of a request alone ÷ that of one among many, at the most: what waits for one alone waits for many together."""
SLOTS_MARGIN = 1.1
"""By how much a request may take a slot for less time under load than alone."""
SEARCH_TRIALS, SEARCH_TRIAL_S = 12, 6.0
"""Trials of a search with its rounds, and how long each would take at the first rate: later ones have higher rates."""


def measured(trials: Trials, view: str, label: str) -> Cell | None:
    """The cell of that contender in a view, if it has figures."""
    return next(
        (cell for cell in in_view(trials, view) if cell.label == label and cell.status == "measured" and cell.summary),
        None,
    )


def in_view(trials: Trials, view: str) -> list[Cell]:
    """The cells of a view."""
    return [trials.cell(plan.id) for plan in trials.plans.values() if view in plan.views]


def unmeasured(trials: Trials, view: str) -> str:
    """Which contender of a view has no figures, and why: the first one."""
    cell = next((cell for cell in in_view(trials, view) if cell.status != "measured" or cell.summary is None), None)
    if cell is None:
        return "a side could not be measured"
    why = cell.reason or "no request ended well while it was measured"
    return f"{cell.label} could not be measured: {why.splitlines()[0]}"


def why_without(trials: Trials, decision: Decision) -> list[str]:
    """Why a side has no part in the comparison: one for each that has none."""
    reasons = []
    if measured(trials, ALONE, ASYNCIO) is None:
        reasons.append(unmeasured(trials, ALONE))
    if decision.pool is None:
        whys = [f"{pool.contender}: {pool.why}" for pool in decision.pools]
        reasons.append("; ".join(whys) or unmeasured(trials, ALONE))
    return list(dict.fromkeys(reasons))


def failing(trials: Trials) -> float:
    """The share of requests that fail on either side without a load: the work itself fails them."""
    shares = []
    for side in ("asyncio", "celery"):
        cells = [*in_view(trials, LOOK), *in_view(trials, ALONE)]
        counted = [trial for cell in cells if cell.side == side for trial in cell.counted]
        submitted = sum(trial.submitted for trial in counted)
        shares.append(sum(trial.failed for trial in counted) / submitted if submitted else 0.0)
    return min(shares)


def tried(cell: Cell, failing: float = 0.0) -> Tried:
    """A pool in full use. `failing`: the share of requests that the work fails by itself."""
    summary = cell.summary
    if cell.status != "measured" or summary is None:
        return Tried(cell.label, None, None, (cell.reason or cell.status).splitlines()[0])
    submitted = sum(trial.submitted for trial in cell.counted)
    not_ok = submitted - sum(trial.ok for trial in cell.counted)
    own = min(sum(trial.failed for trial in cell.counted), failures_allowed(failing, submitted))
    not_ok -= own
    why = f"{not_ok} requests were not answered well" if not_ok else ""
    return Tried(cell.label, summary.throughput_per_s, summary.memory_mb, why)


def median_ms(cell: Cell) -> float:
    """The median latency; the mean, where there are too few requests for it."""
    if cell.summary is None:
        return 0.0
    latency = cell.summary.latency_ms
    return latency.mean if latency.p50 is None else latency.p50


def taken_s(cell: Cell) -> float:
    """How long a request takes a slot on average, at the least a millisecond.

    Little's law is one of means: where most requests are short and a few long, slots for the median are far too few.
    """
    return max(0.001, cell.summary.latency_ms.mean / 1000 if cell.summary is not None else 0.0)


def cpu_s(cell: Cell) -> float | None:
    """CPU-seconds of a request."""
    per_1000 = cell.summary.cpu_s_per_1000 if cell.summary else None
    return per_1000 / 1000 if per_1000 else None


def cores(trials: Trials) -> float:
    """Of the machine, or of its quota."""
    environment = trials.results.environment
    return environment.cpu_quota or float(environment.cpus)


def by_calls_s(trials: Trials, rate_per_s: float, sides: int) -> float:
    """How long windows at the rate can be with the calls that are left: half of them, where a search is to come too."""
    left = trials.calls_left
    if left is None:
        return RATE_MOST_S
    return left / (sides * ROUNDS * rate_per_s) - WARMUP_S - COOL_DOWN_S


def search_calls(trials: Trials, contenders: Sequence[str]) -> float:
    """About how many calls the searches take, with their rounds of confirming."""
    return sum(SEARCH_TRIALS * SEARCH_TRIAL_S * first_per_s(trials, label) for label in contenders)


def first_per_s(trials: Trials, label: str) -> float:
    """Where the search of a side begins: below what it was seen to serve, else below what one request alone allows."""
    full = measured(trials, FULL, label)
    if full is not None and full.summary is not None:
        return _two_digits(FIRST_SHARE * full.summary.throughput_per_s)
    alone = measured(trials, ALONE, label)
    if alone is None:
        return 10.0
    by_slots = (alone.slots or 1) / taken_s(alone)
    each_s = cpu_s(alone)
    return _two_digits(FIRST_SHARE * min(by_slots, 1 / each_s if each_s else by_slots))


def ceiling_per_s(trials: Trials, label: str, declared_per_s: float | None) -> float | None:
    """What a side cannot serve: by slots and the time for which one alone took a slot, and by CPU; None if not known.

    The CPU is that of one request alone, with a margin; of asyncio that of full use, where its core was busy.
    """
    known = [declared_per_s] if declared_per_s else []
    alone = measured(trials, ALONE, label) or _same(trials, ALONE, label)
    if alone is not None and math.isfinite(by_cpu := per_s_by_cpu(trials, alone)):
        known.append(by_cpu)
    full = measured(trials, FULL, label)
    for cell in filter(None, (measured(trials, ALONE, label), _same(trials, ALONE, label))):
        slots = full.slots if full is not None else cell.slots
        stages = cell.trials[-1].stages_ms
        if slots and stages is not None and stages.execution is not None and stages.execution.mean:
            known.append(SLOTS_MARGIN * slots / (stages.execution.mean / 1000))
    if full is not None and full.summary is not None and full.side == "asyncio":
        busy = busiest_core(full.trials[-1].usage.driver)
        if busy >= CORE_LEAST:
            known.append(CORE_MARGIN * full.summary.throughput_per_s / min(1.0, busy))
    return min(known) if known else None


def _same(trials: Trials, view: str, label: str) -> Cell | None:
    """The same contender with other slots."""
    name = label.partition(":")[0]
    return next((cell for cell in in_view(trials, view) if cell.contender == name and cell.summary), None)


def per_s_by_cpu(trials: Trials, alone: Cell) -> float:
    """What its cores allow, by the CPU of one request alone, with a margin: asyncio has one. Without it, no bound."""
    each_s, usable = cpu_s(alone), 1.0 if alone.side == "asyncio" else cores(trials)
    return CPU_MARGIN * usable / each_s if each_s else math.inf


def _two_digits(value: float) -> float:
    return max(1.0, float(f"{value:.2g}"))

"""What the schedule of `workbench decide` reads from its cells: figures of single trials, and what follows."""

from collections.abc import Sequence

from harness.plan.decide import RATE_MOST_S, ROUNDS
from harness.results.decision import ALONE, FULL
from harness.results.model import Cell
from harness.schedule.schedule import Trials
from harness.statistics.deciding.pools import Tried

WARMUP_S, COOL_DOWN_S = 0.5, 1.0
"""Before and after a window at a rate, in which the load goes on."""
FIRST_SHARE = 0.6
"""Of what the CPU of a request alone allows, or of what a pool served in full use: where the search begins."""
SEARCH_TRIALS, SEARCH_TRIAL_S = 12, 6.0
"""Trials of a search with its rounds, and how long each would take at the first rate: later ones have higher rates."""


def measured(trials: Trials, view: str, label: str) -> Cell | None:
    """The cell of that contender in a view, if it has figures."""
    cells = [trials.cell(plan.id) for plan in trials.plans.values() if view in plan.views]
    return next((cell for cell in cells if cell.label == label and cell.status == "measured" and cell.summary), None)


def unmeasured(trials: Trials, view: str) -> str:
    """Which contender of a view has no figures, and why: the first one."""
    cells = [trials.cell(plan.id) for plan in trials.plans.values() if view in plan.views]
    cell = next((cell for cell in cells if cell.status != "measured" or cell.summary is None), None)
    if cell is None:
        return "a side could not be measured"
    why = cell.reason or "no request ended well while it was measured"
    return f"{cell.label} could not be measured: {why.splitlines()[0]}"


def tried(cell: Cell) -> Tried:
    """A pool in full use."""
    summary = cell.summary
    if cell.status != "measured" or summary is None:
        return Tried(cell.label, None, None, (cell.reason or cell.status).splitlines()[0])
    not_ok = sum(trial.submitted - trial.ok for trial in cell.counted)
    why = f"{not_ok} requests were not answered well" if not_ok else ""
    return Tried(cell.label, summary.throughput_per_s, summary.memory_mb, why)


def median_ms(cell: Cell) -> float:
    """The median latency; the mean, where there are too few requests for it."""
    if cell.summary is None:
        return 0.0
    latency = cell.summary.latency_ms
    return latency.mean if latency.p50 is None else latency.p50


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
    """Where the search of a side begins."""
    full = measured(trials, FULL, label)
    if full is not None and full.summary is not None:
        return _two_digits(FIRST_SHARE * full.summary.throughput_per_s)
    alone = measured(trials, ALONE, label)
    each_s = cpu_s(alone) if alone is not None else None
    return _two_digits(FIRST_SHARE / each_s) if each_s else 10.0


def _two_digits(value: float) -> float:
    return max(1.0, float(f"{value:.2g}"))

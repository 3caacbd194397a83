"""Which trials a run has, in which order, and when they end: the session does what its schedule says."""

import math
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

from harness.loads.load import parse_load
from harness.plan import floor
from harness.plan.expected import response_s, whole_s
from harness.plan.plan import AUTO_LEAST, AUTO_MOST, ROUNDS_A_BOOT, CellPlan, ViewPlan
from harness.progress.pace import windowed_s
from harness.progress.progress import Expected
from harness.results.model import Cell, HighestRate, Interval, Results, Trial
from harness.schedule.struck import struck_s
from harness.statistics.units import percent, time_in_words

TRIAL_EXTRA_S = 0.35
"""Seconds that a trial takes beyond its warm-up and window; only used to estimate the remaining time."""
BOOT_S = 4.0
"""Seconds for which services are started afresh; only used to estimate, too."""
PRECISION = 0.03
"""How wide, to either side, the interval of a throughput may be for `--rounds auto` to end."""
NOT_RUN = ("disqualified", "skipped", "not_supported")


class Trials(Protocol):
    """The session, as a schedule sees it: cells by id, of which it runs trials."""

    seed: int

    @property
    def plans(self) -> Mapping[str, CellPlan]:
        """What is to be measured, by id."""
        ...

    def cell(self, identity: str) -> Cell:
        """The cell as it stands."""
        ...

    async def begin_round(self, number: int) -> None:
        """Before the first trial of a round: some begin with services that are started afresh."""
        ...

    async def measure(self, identity: str, round_number: int) -> Trial:
        """Run a trial of a cell and put it into the results."""
        ...

    async def probe(self, plan: CellPlan) -> Trial:
        """Run a trial that is no part of the results: of a cell, under another load or for another time."""
        ...

    def adopt(self, plan: CellPlan) -> None:
        """Measure the cell of that id as `plan` says from now on, without the trials that it has."""
        ...

    def note_rate(self, identity: str, highest: HighestRate) -> None:
        """Put what the search of a cell has found into the results."""
        ...

    def expect(self, expected: Expected) -> None:
        """Report it; again where it turns out to be another number of trials."""
        ...

    def note(self, text: str) -> None:
        """Report what the run may cost."""
        ...

    @property
    def results(self) -> Results:
        """The whole document as it stands."""
        ...

    def finish(self, identities: Iterable[str]) -> None:
        """Measure these no more: services that start afresh have no workers that only they need."""
        ...

    def allow(self, identity: str, **bounds: float) -> None:
        """Let each further trial of a cell send no more requests (`at_most`), or take no longer (`most_s`)."""
        ...

    @property
    def calls_left(self) -> int | None:
        """How often the work may still be called (`--at-most`); None without a bound."""
        ...

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """Add a view, in parts, while the run goes on; returns its cells, those known already among them."""
        ...

    def note_run(self, **changes: object) -> None:
        """Change what the results say of the run itself."""
        ...

    @property
    def lanes(self) -> int:
        """How many of them measure cells with a fault at the same time."""
        ...

    async def in_lanes(self, rounds: Callable[["Trials", list[CellPlan]], Awaitable[None]]) -> None:
        """Have the cells with a fault measured, those of each lane by itself: lanes run at the same time.

        Such trials mostly wait; what they show are counts, which others on the machine do not change.
        """
        ...


class Schedule(Protocol):
    """Decides which trials a run has, and in which order."""

    async def run(self, trials: Trials) -> None:
        """All of its trials."""
        ...


class FixedRounds:
    """A fixed number of rounds for each cell; each round has its own random order, so that drift affects all cells."""

    async def run(self, trials: Trials) -> None:
        """Round by round; those with a fault last, because they run beside each other."""
        plans = list(trials.plans.values())
        of_cells = {plan.id: trial_s(plan, trials.lanes) for plan in plans}
        trials.expect(Expected(sum(plan.rounds for plan in plans), mean_s(plans, trials.lanes), of_cells=of_cells))
        await all_rounds(trials, [plan for plan in plans if not plan.has_fault])
        if any(plan.has_fault for plan in plans):
            await trials.in_lanes(all_rounds)


class UntilPrecise:
    """Round after round of all cells, until the throughput of each is known well enough, or a limit is reached."""

    async def run(self, trials: Trials) -> None:
        """From 5 to 30 rounds."""
        plans = list(trials.plans.values())
        each_s = mean_s(plans) + BOOT_S / ROUNDS_A_BOOT / len(plans)
        shuffler = shuffler_of(trials)
        least, most = (time_in_words(rounds * len(plans) * each_s) for rounds in (AUTO_LEAST, AUTO_MOST))
        trials.note(f"--rounds auto: {AUTO_LEAST} to {AUTO_MOST} rounds, {len(plans)} trials each; {least} to {most}")
        for number in range(1, AUTO_MOST + 1):
            left_s = (AUTO_MOST - number + 1) * len(plans) * each_s
            trials.expect(Expected(_rounds_expected(trials, number) * len(plans), each_s, left_s))
            trials.note_run(rounds=number)
            await one_round(trials, number, plans, shuffler)
            if number >= AUTO_LEAST and not _too_wide(trials):
                trials.note_run(
                    ended=f"every throughput interval is within ±{percent(PRECISION)} after {number} rounds"
                )
                return
        wide = ", ".join(_too_wide(trials))
        trials.note_run(
            ended=f"the limit of {AUTO_MOST} rounds, with wider intervals than ±{percent(PRECISION)} of {wide}"
        )


def shuffler_of(trials: Trials) -> random.Random:
    """Decides the order of trials: the same for the same seed."""
    return random.Random(trials.seed)  # an order is no secret


async def all_rounds(trials: Trials, plans: list[CellPlan]) -> None:
    """Those of these cells."""
    shuffler = shuffler_of(trials)
    for number in range(1, max((plan.rounds for plan in plans), default=0) + 1):
        await one_round(trials, number, [plan for plan in plans if plan.rounds >= number], shuffler)


async def one_round(trials: Trials, number: int, plans: Iterable[CellPlan], shuffler: random.Random) -> None:
    """A trial of each, in the shuffler's order; without those that cannot be run."""
    order = [plan.id for plan in plans]
    shuffler.shuffle(order)
    await trials.begin_round(number)
    for identity in order:
        if can_run(trials.cell(identity)):
            await trials.measure(identity, number)


def can_run(cell: Cell) -> bool:
    """Whether it is worth a further trial."""
    return cell.status not in NOT_RUN


def mean_s(plans: Iterable[CellPlan], lanes: int = 1) -> float:
    """About how long one of their trials takes, each as often as its rounds; those with a fault in so many lanes."""
    known = [(plan.rounds, trial_s(plan, lanes)) for plan in plans]
    return sum(rounds * each_s for rounds, each_s in known) / sum(rounds for rounds, _ in known)


def trial_s(plan: CellPlan, lanes: int = 1) -> float:
    """About how long one takes; with a fault, its share of the time in so many lanes."""
    if plan.has_fault:
        return struck_s(plan) / lanes
    steady = parse_load(plan.load, plan.id).steady
    load_s = windowed_s(plan.window_s, response_s(plan)) if steady else whole_s(plan)
    return plan.warmup_s + load_s + TRIAL_EXTRA_S


def _rounds_expected(trials: Trials, number: int) -> int:
    """How many rounds there will be, as far as those before that one show: intervals narrow with their square root."""
    done, widest = number - 1, 0.0
    for summary in (cell.summary for cell in _judged(trials)):
        if summary is None or summary.throughput_ci95 is None:
            continue
        low, high = summary.throughput_ci95
        widest = max(widest, (high - low) / 2 / (PRECISION * summary.throughput_per_s))
    return min(AUTO_MOST, max(AUTO_LEAST, number, math.ceil(done * widest**2)))


def _judged(trials: Trials) -> list[Cell]:
    """Cells whose precision ends the run: those of the floor are measured for others' sake."""
    return [cell for cell in map(trials.cell, trials.plans) if cell.views != [floor.VIEW] and can_run(cell)]


def _too_wide(trials: Trials) -> list[str]:
    """Names of the cells whose throughput is not known well enough."""
    return [
        f"{cell.workload} {cell.label} {cell.load.text}"
        for cell in _judged(trials)
        if cell.summary is None or not _precise(cell.summary.throughput_per_s, cell.summary.throughput_ci95)
    ]


def _precise(centre: float, interval: Interval | None) -> bool:
    return interval is not None and (interval[1] - interval[0]) / 2 <= PRECISION * centre

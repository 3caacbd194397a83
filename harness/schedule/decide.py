"""The schedule of `workbench decide`: a look at the job, one request alone, pools in full use, rates, then both sides.

The time is bounded: the window at the rate, the number of rounds and the search take what is left of it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from harness.errors import ServiceError
from harness.plan.decide import ASYNCIO, MOST_S, RATE_LEAST_S, RATE_MOST_S, ROUNDS, most_view, rate_view
from harness.plan.limit import Limit, not_stable
from harness.plan.plan import CellPlan, ViewPlan
from harness.results.decision import ALONE, FULL, LOOK
from harness.results.model import Cell, Decision, Spoiler, Trial
from harness.schedule.bisection import Steps
from harness.schedule.find_rate import CellSearch, Windows
from harness.schedule.schedule import TRIAL_EXTRA_S, Trials, can_run, shuffler_of
from harness.statistics.deciding.pools import Tried, chosen, usual_limit_s, usual_rate

LIMIT_S = 168.0
"""Of three minutes, what the trials may take: services are then stopped and reports written."""
SEARCH_S = 40.0
"""For the search of both sides, before its rates are confirmed."""
BOOT_S = 7.0
"""For services to start afresh, until it has been seen."""
NARROW, LOWER = 1.25, 0.9
FIRST_SHARE = 0.6
"""Of what the CPU of a request alone allows, or of what a pool served in full use: where the search begins."""
WINDOWS = Windows(full_limits=8, probe_limits=6, probe_s=1.5)
WARMUP_S = 0.5
COOL_DOWN_S = 1.0
"""For which a load goes on when its window has closed."""
SEARCH_TRIALS, SEARCH_TRIAL_S = 12, 6.0
"""Trials of a search with its rounds, and how long each would take at the first rate: later ones have higher rates."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the user asked for; None where a default is to be found."""

    asked: ViewPlan
    """The workload with its parameters."""
    rate_per_s: float | None = None
    limit: Limit | None = None
    limit_s: float = LIMIT_S
    """Seconds for all trials."""


class Decide:
    """Phases of one run; `decision` in the document grows with them."""

    def __init__(
        self,
        wanted: Wanted,
        decision: Decision,
        seen: Callable[[Cell, Trial], Sequence[Spoiler]] = lambda *_: (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seen`: what a trial shows that spoils the comparison. The time begins now."""
        self._wanted = wanted
        self._decision = decision
        self._seen = seen
        self._now = now
        self._ends = now() + wanted.limit_s
        self._boot_s = BOOT_S
        self._limit = wanted.limit

    @property
    def _left_s(self) -> float:
        return self._ends - self._now()

    async def run(self, trials: Trials) -> None:
        """All phases, as far as time and calls go."""
        self._note(trials)
        trials.expect(len(trials.plans) + 4 * ROUNDS + 10, 3.0, self._left_s)
        await trials.begin_round(1)
        for name in (LOOK, ALONE, FULL):
            for plan in [plan for plan in trials.plans.values() if name in plan.views]:
                await self._measure(trials, plan, 1)
            if name == LOOK:
                self._note_replies(trials)
        self._choose(trials)
        if (pool := self._decision.pool) is None or not _measured(trials, ALONE, ASYNCIO):
            self._leave_out(trials, "the rate: a side could not be measured")
            return
        self._set_rate_and_limit(trials, pool)
        try:
            await self._both(trials, [ASYNCIO, pool])
        except ServiceError as error:  # what has been measured is still shown
            self._leave_out(trials, f"the rounds: {error}")

    async def _measure(self, trials: Trials, plan: CellPlan, round_number: int, parts: int = 30) -> Trial | None:
        """A trial with its share of the calls that are left; None if its cell cannot be measured."""
        if not can_run(trials.cell(plan.id)):
            return None
        self._share_calls(trials, plan, parts)
        trial = await trials.measure(plan.id, round_number)
        self._add_spoilers(trials, self._seen(trials.cell(plan.id), trial))
        return trial

    def _share_calls(self, trials: Trials, plan: CellPlan, parts: int) -> None:
        if (left := trials.calls_left) is not None:
            trials.allow(plan.id, max(2, left // parts))

    def _choose(self, trials: Trials) -> None:
        tried = [_tried(trials.cell(plan.id)) for plan in trials.plans.values() if FULL in plan.views]
        self._change(trials, pools=chosen(tried))
        taken = self._decision.pool
        names = {plan.id: trials.cell(plan.id).label for plan in trials.plans.values()}
        trials.finish(identity for identity, label in names.items() if label not in (ASYNCIO, taken))

    def _set_rate_and_limit(self, trials: Trials, pool: str) -> None:
        alone = [cell for cell in (_measured(trials, ALONE, ASYNCIO), _measured(trials, ALONE, pool)) if cell]
        if self._limit is None:
            limit_s = usual_limit_s([_median_ms(cell) for cell in alone])
            self._limit = Limit.parse(f"p99<{limit_s * 1000:g}ms", "the usual limit")
            source = "5 times the median of one request alone on the slower side"
        else:
            source = "as given"
        self._change(trials, limit=self._limit.text, limit_from=source)
        rate, rate_from = self._wanted.rate_per_s, "as given"
        if rate is None:
            full = _measured(trials, FULL, pool)
            served = full.summary.throughput_per_s if full and full.summary else 1.0
            rate, rate_from = usual_rate(_cpu_s(alone[-1]), _cores(trials), served)
        self._change(trials, rate_per_s=rate, rate_from=rate_from)

    async def _both(self, trials: Trials, contenders: list[str]) -> None:
        """The search, then rounds of both sides at the rate and at the rates that were found."""
        searches = await self._searches(trials, contenders)
        rate = self._decision.rate_per_s or 1.0
        window_s = self._window_s(searches, _by_calls_s(trials, rate, len(contenders)))
        plans = await trials.extend([rate_view(self._wanted.asked, contenders, rate, window_s)])
        shuffler = shuffler_of(trials)
        for done in range(ROUNDS):
            number = 2 + done
            if done and self._left_s < self._round_s(plans, searches):
                self._leave_out(trials, f"{ROUNDS - done} of {ROUNDS} rounds: the time was used up")
                break
            await self._begin(trials, number)
            steps: list[CellPlan | CellSearch] = [*plans, *searches]
            for step in shuffler.sample(steps, len(steps)):
                if isinstance(step, CellSearch):
                    await step.go_on(trials)
                else:
                    parts = len(plans) * (ROUNDS - done) + bool(searches)
                    self._note_held(trials, step, await self._measure(trials, step, number, parts))
            trials.note_run(rounds=number)
        for search in searches:
            search.settle(trials)

    async def _begin(self, trials: Trials, number: int) -> None:
        begun = self._now()
        await trials.begin_round(number)
        self._boot_s = max(1.0, self._now() - begun)

    def _window_s(self, searches: Sequence[CellSearch], by_calls_s: float) -> float:
        """Of a trial at the rate: what is left, once all else has had its time."""
        others_s = ROUNDS * (self._boot_s + sum(search.confirmation_s for search in searches))
        free_s = (self._left_s - others_s) / (2 * ROUNDS) - WARMUP_S - TRIAL_EXTRA_S
        return min(RATE_MOST_S, max(RATE_LEAST_S, free_s), max(1.0, by_calls_s))

    def _round_s(self, plans: Sequence[CellPlan], searches: Sequence[CellSearch]) -> float:
        at_rate_s = sum(plan.warmup_s + plan.duration_s + TRIAL_EXTRA_S for plan in plans)
        return self._boot_s + at_rate_s + sum(search.confirmation_s for search in searches)

    async def _searches(self, trials: Trials, contenders: list[str]) -> list[CellSearch]:
        """The search of each side until it has a rate to confirm, or its time is over."""
        limit = self._limit
        if limit is None or self._left_s < SEARCH_S or MOST_S + WINDOWS.full_limits * limit.limit_s > SEARCH_S / 4:
            self._leave_out(trials, "the most that each can do: no time for its search")
            return []
        if (left := trials.calls_left) is not None and left < _search_calls(trials, contenders):
            self._leave_out(trials, "the most that each can do: its search takes more calls than are left")
            return []
        plans = await trials.extend([most_view(self._wanted.asked, contenders, limit)])
        searches = [
            CellSearch(
                msgspec.structs.replace(plan, rounds=ROUNDS),
                limit,
                trials.cell(plan.id).ceiling_per_s,
                Steps(first_per_s=_first_per_s(trials, trials.cell(plan.id).label), narrow=NARROW, lower=LOWER),
                WINDOWS,
            )
            for plan in plans
            if can_run(trials.cell(plan.id))
        ]
        ends = self._now() + SEARCH_S
        while (probing := [search for search in searches if search.is_probing]) and self._now() < ends:
            for search in probing:
                await search.go_on(trials)
        for search in probing:
            search.narrow_no_more()
        return searches

    def _note_held(self, trials: Trials, plan: CellPlan, trial: Trial | None) -> None:
        label = trials.cell(plan.id).label
        if trial is None or self._limit is None:
            return
        if (why := not_stable(trial)) is not None:
            self._change(trials, not_stable={label: why} | self._decision.not_stable)
            return
        late, submitted = self._decision.late.get(label, (0, 0))
        now = (late + self._limit.late_in(trial), submitted + trial.submitted)
        self._change(trials, late=self._decision.late | {label: now})

    def _note_replies(self, trials: Trials) -> None:
        """Whether the first replies of both sides are equal."""
        seen = [
            (cell.side, cell.trials[0].look.reply)
            for cell in map(trials.cell, trials.plans)
            if LOOK in cell.views and cell.trials and cell.trials[0].look
        ]
        if len(seen) == 2:
            (_, first), (_, second) = seen
            said = f"equal: {first}" if first == second else f"asyncio {first}, Celery {second}: each passed the check"
            self._change(trials, replies=said)

    def _add_spoilers(self, trials: Trials, found: Sequence[Spoiler]) -> None:
        """Each kind once for a side and place."""
        known = {(spoiler.kind, spoiler.side) for spoiler in self._decision.spoilers}
        new = [spoiler for spoiler in found if (spoiler.kind, spoiler.side) not in known]
        if new:
            self._change(trials, spoilers=[*self._decision.spoilers, *new])

    def _leave_out(self, trials: Trials, reason: str) -> None:
        self._change(trials, left_out=[*self._decision.left_out, reason])

    def _change(self, trials: Trials, **changes: Any) -> None:
        self._decision = msgspec.structs.replace(self._decision, **changes)
        self._note(trials)

    def _note(self, trials: Trials) -> None:
        trials.note_run(decision=self._decision)


def _measured(trials: Trials, view: str, label: str) -> Cell | None:
    """The cell of that contender in a view, if it has figures."""
    cells = [trials.cell(plan.id) for plan in trials.plans.values() if view in plan.views]
    return next((cell for cell in cells if cell.label == label and cell.status == "measured" and cell.summary), None)


def _tried(cell: Cell) -> Tried:
    summary = cell.summary
    if cell.status != "measured" or summary is None:
        return Tried(cell.label, None, None, (cell.reason or cell.status).splitlines()[0])
    not_ok = sum(trial.submitted - trial.ok for trial in cell.counted)
    why = f"{not_ok} requests were not answered well" if not_ok else ""
    return Tried(cell.label, summary.throughput_per_s, summary.memory_mb, why)


def _median_ms(cell: Cell) -> float:
    if cell.summary is None:
        return 0.0
    latency = cell.summary.latency_ms
    return latency.mean if latency.p50 is None else latency.p50


def _cpu_s(cell: Cell) -> float | None:
    """CPU-seconds of a request."""
    per_1000 = cell.summary.cpu_s_per_1000 if cell.summary else None
    return per_1000 / 1000 if per_1000 else None


def _cores(trials: Trials) -> float:
    environment = trials.results.environment
    return environment.cpu_quota or float(environment.cpus)


def _by_calls_s(trials: Trials, rate_per_s: float, sides: int) -> float:
    """How long windows at the rate can be with the calls that are left: half of them, where a search is to come too."""
    left = trials.calls_left
    if left is None:
        return RATE_MOST_S
    return left / (sides * ROUNDS * rate_per_s) - WARMUP_S - COOL_DOWN_S


def _search_calls(trials: Trials, contenders: Sequence[str]) -> float:
    """About how many calls the searches take, with their rounds of confirming."""
    return sum(SEARCH_TRIALS * SEARCH_TRIAL_S * _first_per_s(trials, label) for label in contenders)


def _first_per_s(trials: Trials, label: str) -> float:
    """Where the search of a side begins."""
    full = _measured(trials, FULL, label)
    if full is not None and full.summary is not None:
        return _two_digits(FIRST_SHARE * full.summary.throughput_per_s)
    alone = _measured(trials, ALONE, label)
    cpu_s = _cpu_s(alone) if alone is not None else None
    return _two_digits(FIRST_SHARE / cpu_s) if cpu_s else 10.0


def _two_digits(value: float) -> float:
    return max(1.0, float(f"{value:.2g}"))

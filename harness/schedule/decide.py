"""The schedule of `workbench decide`: a look at the job, one request alone, pools in full use, rates, then both sides.

The time is bounded: the window at the rate, the number of rounds and the search take what is left of it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.errors import ServiceError
from harness.plan.decide import (
    ASYNCIO,
    RATE_LEAST_S,
    RATE_MOST_S,
    ROUNDS,
    Patience,
    enough_slots,
    full_view,
    most_view,
    rate_view,
)
from harness.plan.limit import Limit
from harness.plan.plan import CellPlan, ViewPlan
from harness.results.decision import ALONE, FULL, LOOK
from harness.results.model import Cell, Decision, Spoiler, Trial
from harness.schedule.decide_cells import WARMUP_S, by_calls_s, cores, cpu_s, measured, median_ms, tried, unmeasured
from harness.schedule.decide_record import Record
from harness.schedule.decide_search import searches_of, why_no_search
from harness.schedule.find_rate import CellSearch
from harness.schedule.schedule import TRIAL_EXTRA_S, Trials, can_run, shuffler_of
from harness.statistics.deciding.pools import chosen, usual_limit_s, usual_rate

LIMIT_S = 168.0
"""Of three minutes, what the trials may take: services are then stopped and reports written."""
BOOT_S = 7.0
"""For services to start afresh, until it has been seen."""
BOTH = 2
"""Cells of a phase that are measured in any case."""
LEFT_ALONE, LEFT_FULL = 0.7, 0.5
"""Share of the time that must be left for a further pool: slow jobs have time for one or two."""
TRIALS_ABOUT = 39
"""Before more is known."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the user asked for; None where a default is to be found."""

    asked: ViewPlan
    """The workload with its parameters."""
    pools: Sequence[str]
    """Celery pools that are tried, each with its slots."""
    more_slots: bool = True
    """Whether a pool may have more slots, where the rate needs them."""
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
        self._found = decision
        self._seen = seen
        self._now = now
        self._ends = now() + wanted.limit_s
        self._boot_s = BOOT_S
        self._limit = wanted.limit
        self._patience = Patience(0.0)
        self._done = 0
        """Trials so far."""

    @property
    def _left_s(self) -> float:
        return self._ends - self._now()

    async def run(self, trials: Trials) -> None:
        """All phases, as far as time and calls go."""
        self._record = Record(trials, self._found)
        self._expect(trials, TRIALS_ABOUT)
        await trials.begin_round(1)
        await self._phase(trials, LOOK)
        self._record.note_replies()
        await self._phase(trials, ALONE, LEFT_ALONE)
        await self._in_full_use(trials)
        self._choose(trials)
        if (pool := self._record.decision.pool) is None or not measured(trials, ALONE, ASYNCIO):
            self._record.leave_out(f"the rate: {unmeasured(trials, ALONE)}")
            return
        self._set_rate_and_limit(trials, pool)
        try:
            await self._both(trials, [ASYNCIO, pool])
        except ServiceError as error:  # what has been measured is still shown
            self._record.leave_out(f"the rounds: {error}")

    async def _phase(self, trials: Trials, view: str, left: float = 0.0) -> None:
        """A trial of each cell; of the first two only, where less than that share of the time is left (slow jobs)."""
        for number, plan in enumerate([plan for plan in trials.plans.values() if view in plan.views]):
            if number < BOTH or self._left_s > left * self._wanted.limit_s:
                await self._measure(trials, plan, 1)
            else:
                self._record.leave_out(f"{trials.cell(plan.id).label}, {view}: no time for it")

    async def _in_full_use(self, trials: Trials) -> None:
        """The pools, with slots enough for the rate; those that cannot have them are left out."""
        pools = []
        for written in self._wanted.pools:
            name, _, slots = written.partition(":")
            alone = measured(trials, ALONE, written)
            if alone is None:
                continue
            self._patience = max(self._patience, Patience(median_ms(alone) / 1000))
            enough: int | None = int(slots)
            if self._wanted.more_slots:
                rate_per_s = self._wanted.rate_per_s
                enough = enough_slots(name, int(slots), rate_per_s, median_ms(alone) / 1000)
            if enough is None:
                self._record.leave_out(f"{name}: at this rate it would need more slots than a pool of it can have")
            else:
                pools.append(f"{name}:{enough}")
        if pools:
            try:
                await trials.extend([full_view(self._wanted.asked, pools, self._patience)])
            except ServiceError as error:
                self._record.leave_out(f"pools in full use: {error}")
            await self._phase(trials, FULL, LEFT_FULL)

    def _expect(self, trials: Trials, left: int) -> None:
        """Report how many trials there are; together they take no longer than the time that is left."""
        trials.expect(self._done + left, max(0.0, self._left_s) / max(1, left))

    async def _measure(self, trials: Trials, plan: CellPlan, round_number: int, parts: int = 30) -> Trial | None:
        """A trial with its share of the calls that are left; None if its cell cannot be measured."""
        if not can_run(trials.cell(plan.id)):
            return None
        self._share_calls(trials, plan, parts)
        trial = await trials.measure(plan.id, round_number)
        self._done += 1
        self._record.add_spoilers(self._seen(trials.cell(plan.id), trial))
        return trial

    def _share_calls(self, trials: Trials, plan: CellPlan, parts: int) -> None:
        if (left := trials.calls_left) is not None:
            trials.allow(plan.id, max(2, left // parts))

    def _choose(self, trials: Trials) -> None:
        in_full_use = [trials.cell(plan.id) for plan in trials.plans.values() if FULL in plan.views]
        self._record.change(pools=chosen([tried(cell) for cell in in_full_use]))
        taken = self._record.decision.pool
        names = {plan.id: trials.cell(plan.id).label for plan in trials.plans.values()}
        trials.finish(identity for identity, label in names.items() if label not in (ASYNCIO, taken))

    def _set_rate_and_limit(self, trials: Trials, pool: str) -> None:
        alone = [cell for cell in (measured(trials, ALONE, ASYNCIO), measured(trials, ALONE, pool)) if cell]
        if self._limit is None:
            limit_s = usual_limit_s([median_ms(cell) for cell in alone])
            self._limit = Limit.parse(f"p99<{limit_s * 1000:g}ms", "the usual limit")
            source = "5 times the median of one request alone on the slower side"
        else:
            source = "as given"
        self._record.change(limit=self._limit.text, limit_from=source)
        rate, rate_from = self._wanted.rate_per_s, "as given"
        if rate is None:
            full = measured(trials, FULL, pool)
            served = full.summary.throughput_per_s if full and full.summary else 1.0
            rate, rate_from = usual_rate(cpu_s(alone[-1]), cores(trials), served)
        self._record.change(rate_per_s=rate, rate_from=rate_from)

    async def _both(self, trials: Trials, contenders: list[str]) -> None:
        """The search, then rounds of both sides at the rate and at the rates that were found."""
        searches = await self._searches(trials, contenders)
        rate = self._record.decision.rate_per_s or 1.0
        window_s = self._window_s(searches, by_calls_s(trials, rate, len(contenders)))
        plans = await trials.extend([rate_view(self._wanted.asked, contenders, rate, window_s, self._patience)])
        shuffler = shuffler_of(trials)
        for done in range(ROUNDS):
            number = 2 + done
            self._expect(trials, (ROUNDS - done) * (len(plans) + sum(bool(search.to_go) for search in searches)))
            if done and self._left_s < self._round_s(plans, searches):
                self._record.leave_out(f"{ROUNDS - done} of {ROUNDS} rounds: the time was used up")
                break
            await self._begin(trials, number)
            steps: list[CellPlan | CellSearch] = [*plans, *searches]
            for step in shuffler.sample(steps, len(steps)):
                if done and self._left_s <= 0:
                    break
                if isinstance(step, CellSearch):
                    self._done += bool(step.to_go)
                    await step.go_on(trials)
                else:
                    parts = len(plans) * (ROUNDS - done) + bool(searches)
                    trial = await self._measure(trials, step, number, parts)
                    if trial is not None and self._limit is not None:
                        self._record.note_late(trials.cell(step.id).label, trial, self._limit)
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
        if self._limit is None:
            return []
        if (reason := why_no_search(trials, contenders, self._limit, self._left_s)) is not None:
            self._record.leave_out(reason)
            return []
        view = most_view(self._wanted.asked, contenders, self._limit, self._patience)
        return await searches_of(trials, view, self._limit, self._now)

"""The second half of `workbench decide`: the most that each side can do, then rounds of both at the rate."""

from collections.abc import Sequence

from harness.plan.decide import ROUNDS, Patience, most_view, rate_view
from harness.plan.decide_time import Costs, Fitting, Spans
from harness.plan.limit import Limit
from harness.plan.plan import CellPlan, ViewPlan
from harness.results.decision import RATE
from harness.schedule.decide_cells import by_calls_s
from harness.schedule.decide_measuring import Measuring
from harness.schedule.decide_reach import beyond_of
from harness.schedule.decide_search import budget_s, searches_of, why_no_search
from harness.schedule.find_rate import CellSearch
from harness.schedule.schedule import shuffler_of
from harness.statistics.deciding.pools import COMPARABLE, comparable_rate


class Rounds:
    """Both sides, or the one that works."""

    def __init__(self, asked: ViewPlan, measuring: Measuring, limit: Limit | None, spans: Spans) -> None:
        self._asked = asked
        self._measuring = measuring
        self._limit = limit
        self._spans = spans
        self._patience = Patience(spans.alone_s)

    async def run(self, sides: Sequence[str], *, given: bool) -> None:
        """The search, then as many rounds as fit. `given`: whether the user gave the rate."""
        searches = await self._searches(sides)
        at_rate = self._within_reach(sides) if given else list(sides)
        trials, record = self._measuring.trials, self._measuring.record
        rate = record.decision.rate_per_s or 1.0
        fitting = self._fitting(rate, at_rate, searches)
        if not fitting.rounds:
            self._settle(searches)
            return
        view = rate_view(self._asked, at_rate, rate, fitting.window_s, self._patience)
        plans = await trials.extend([view])
        await self._rounds(plans, searches, fitting)
        self._settle(searches)

    def _within_reach(self, sides: Sequence[str]) -> list[str]:
        """Sides that may hold the rate; where none does, both are compared at a rate that they can hold."""
        trials, record = self._measuring.trials, self._measuring.record
        rate = record.decision.rate_per_s or 1.0
        beyond = beyond_of(trials, sides, rate)
        record.change(beyond=record.decision.beyond | beyond)
        within = [label for label in sides if label not in beyond]
        if within:
            return within
        lower = comparable_rate(beyond.values())
        record.change(wanted_per_s=rate, rate_per_s=lower, rate_from=COMPARABLE)
        return list(sides)

    def _fitting(self, rate: float, sides: Sequence[str], searches: Sequence[CellSearch]) -> Fitting:
        """With the rounds that confirm highest rates, where these leave time for all; else without them."""
        spans, measuring = self._spans, self._measuring
        confirming_s = sum(search.confirmation_s for search in searches)
        costs = Costs(measuring.boot_s, spans.rate_s(), spans.rate_window_s, len(sides), confirming_s)
        by_calls = by_calls_s(measuring.trials, rate, len(sides))
        found = costs.fitting(measuring.left_s, by_calls)
        if found.rounds == ROUNDS:
            return found
        return costs._replace(others_s=0.0).fitting(measuring.left_s, by_calls)

    async def _rounds(self, plans: Sequence[CellPlan], searches: Sequence[CellSearch], fitting: Fitting) -> None:
        """In random order; those for which the time has gone are left out."""
        measuring, shuffler = self._measuring, shuffler_of(self._measuring.trials)
        for done in range(fitting.rounds):
            number, boots = 2 + done, fitting.boots_before(done)
            searching = sum(bool(search.to_go) for search in searches)
            measuring.expect((fitting.rounds - done) * (len(plans) + searching))
            boots = boots and measuring.left_s >= self._round_s(plans, boots=True)
            if done and measuring.left_s < self._round_s(plans, boots=boots):
                measuring.record.leave_out(f"{fitting.rounds - done} of {fitting.rounds} rounds: the time was used up")
                return
            await measuring.start_afresh(number, boots=boots)
            steps: list[CellPlan | CellSearch] = [*plans, *searches]
            for step in shuffler.sample(steps, len(steps)):
                if isinstance(step, CellSearch):
                    await self._confirm(step, self._rounds_s(plans, fitting, done))
                else:
                    parts = len(plans) * (fitting.rounds - done) + bool(searches)
                    await self._at_rate(step, number, parts)
            measuring.trials.note_run(rounds=number)

    async def _at_rate(self, plan: CellPlan, number: int, parts: int) -> None:
        trial = await self._measuring.trial(plan, number, parts)
        if trial is not None and self._limit is not None:
            self._measuring.record.note_late(self._measuring.trials.cell(plan.id).label, trial, self._limit)

    async def _confirm(self, search: CellSearch, reserve_s: float) -> None:
        """If the rounds at the rate have their time all the same."""
        if self._measuring.left_s - search.confirmation_s >= reserve_s:
            await self._measuring.search(search)

    def _round_s(self, plans: Sequence[CellPlan], *, boots: bool) -> float:
        at_rate_s = len(plans) * self._measuring.about_s(RATE, self._spans.rate_s())
        return at_rate_s + (self._measuring.boot_s if boots else 0.0)

    def _rounds_s(self, plans: Sequence[CellPlan], fitting: Fitting, done: int) -> float:
        """What the rounds at the rate still take, this one whole."""
        later = sum(self._round_s(plans, boots=fitting.boots_before(each)) for each in range(done + 1, fitting.rounds))
        return later + self._round_s(plans, boots=False)

    def _settle(self, searches: Sequence[CellSearch]) -> None:
        for search in searches:
            search.settle(self._measuring.trials)

    async def _searches(self, sides: Sequence[str]) -> list[CellSearch]:
        if self._limit is None:
            return []
        measuring = self._measuring
        verdict_s = self._spans.verdict_s(measuring.boot_s, len(sides))
        most_s = budget_s(self._limit, len(sides), measuring.left_s - verdict_s)
        if (reason := why_no_search(measuring.trials, sides, self._limit, most_s)) is not None:
            measuring.record.leave_out(reason)
            return []
        view = most_view(self._asked, sides, self._limit, self._patience)
        return await searches_of(measuring, view, self._limit, most_s)

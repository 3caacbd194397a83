"""Finds the highest rate at which each cell holds a limit: the searches of all cells take turns, a trial each."""

import random
from collections import Counter

import msgspec

from harness.loads.open import Open
from harness.plan import floor
from harness.plan.limit import Limit
from harness.plan.plan import CellPlan
from harness.results.model import HighestRate, Probe, Trial
from harness.schedule.bisection import Search, Step
from harness.schedule.schedule import Trials, can_run, mean_s, one_round

PROBE_WARMUP_S, PROBE_S = 0.5, 2.0
WINDOW_LIMITS, PROBE_LIMITS = 20, 8
"""A window is at least that many times the limit: then a rate of 5 % more than is served breaks it in a full trial."""


class FindRate:
    """The schedule of `--find-rate`: the floor first, then the searches until each rate is confirmed or given up."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit

    async def run(self, trials: Trials) -> None:
        """All searches, in turns."""
        plans = list(trials.plans.values())
        alone = [plan for plan in plans if plan.views == [floor.VIEW]]
        searches = [
            CellSearch(plan, self._limit)
            for plan in plans
            if plan.views != [floor.VIEW] and can_run(trials.cell(plan.id))
        ]
        shuffler = random.Random(trials.seed)
        done, each_s = len(alone), mean_s(plans)

        def expect() -> None:
            trials.expect(done + sum(one.to_go for one in searches), each_s)

        expect()
        await one_round(trials, 1, alone, shuffler)
        try:
            while searches:
                shuffler.shuffle(searches)
                for one in searches:
                    await one.go_on(trials)
                    done += 1
                    expect()
                searches = [one for one in searches if one.to_go]
        finally:
            for one in searches:
                if one.to_go:
                    one.hide_unconfirmed(trials)


class CellSearch:
    """The search of one cell."""

    def __init__(self, plan: CellPlan, limit: Limit) -> None:
        self._search = Search(plan.rounds)
        self._limit = limit
        self._plan = msgspec.structs.replace(plan, duration_s=max(plan.duration_s, WINDOW_LIMITS * limit.limit_s))
        self._probes: list[Probe] = []

    @property
    def to_go(self) -> int:
        """About how many trials are left; 0 once it is over."""
        return self._search.to_go

    async def go_on(self, trials: Trials) -> None:
        """The next trial, and what it tells."""
        step = self._search.next()
        assert step is not None
        trial = await self._try(trials, step)
        why = self._limit.broken_by(trial)
        self._search.told(step, why is None, trial.throughput_per_s)
        if trial.status == "disqualified":
            self._search.given_up = why
        self._probes.append(
            Probe(
                kind=step.kind,
                rate_per_s=step.rate_per_s,
                held=why is None,
                why=why,
                throughput_per_s=trial.throughput_per_s,
                bottleneck=trial.bottleneck,
            )
        )
        if self._search.given_up is not None:
            self.hide_unconfirmed(trials)
        trials.note_rate(self._plan.id, self.found())

    def hide_unconfirmed(self, trials: Trials) -> None:
        """Trials at a rate that was not confirmed in every round are not shown; they are among the probes."""
        if not self._search.confirmed:
            trials.adopt(self._plan)

    async def _try(self, trials: Trials, step: Step) -> Trial:
        load = Open(step.rate_per_s).text
        if step.kind == "probe":
            warmup_s = min(PROBE_WARMUP_S, self._plan.warmup_s)
            duration_s = max(PROBE_S, PROBE_LIMITS * self._limit.limit_s)
            probe = msgspec.structs.replace(self._plan, load=load, warmup_s=warmup_s, duration_s=duration_s)
            return await trials.probe(probe)
        if step.round == 1:
            trials.adopt(msgspec.structs.replace(self._plan, load=load))
        return await trials.measure(self._plan.id, step.round)

    def found(self) -> HighestRate:
        """What is known now."""
        search = self._search
        low_per_s = search.low_per_s or 0.0
        above = (probe for probe in self._probes if not probe.held and probe.rate_per_s > low_per_s)
        failed = sorted(above, key=lambda probe: probe.rate_per_s)
        nearest = failed[0] if failed else None
        return HighestRate(
            limit=self._limit.text,
            status="confirmed" if search.confirmed else "not_found" if search.given_up else "searching",
            rate_per_s=search.low_per_s if search.confirmed else None,
            failed_per_s=nearest.rate_per_s if nearest else None,
            why=search.given_up or (nearest.why if nearest else None),
            limited_by=_limited_by(failed),
            probes=list(self._probes),
        )


def _limited_by(failed: list[Probe]) -> str | None:
    """What limited the trials that did not hold, the lowest rates first; None where nothing shows it."""
    known = [probe.bottleneck for probe in failed if probe.bottleneck is not None]
    return Counter(known[:3]).most_common(1)[0][0] if known else None

"""Finds the highest rate at which each cell holds a limit; the searches of all cells take turns, trial by trial."""

import random
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from harness.accounting.bottleneck import NO_LIMIT
from harness.loads.open import Open
from harness.plan import floor
from harness.plan.limit import FIRST_PER_S, Limit
from harness.plan.plan import ROUNDS_A_BOOT, CellPlan
from harness.progress.progress import Expected
from harness.results.model import HighestRate, Probe, Trial
from harness.schedule.bisection import USUAL, Attempt, Left, Search, Steps
from harness.schedule.ceilings import Ceiling, beyond_slots, ceiling_of
from harness.schedule.schedule import BOOT_S, TRIAL_EXTRA_S, Trials, can_run, one_round, shuffler_of
from harness.statistics.units import time_in_words

PROBE_WARMUP_S, PROBE_S = 0.5, 2.0
WINDOW_LIMITS, PROBE_LIMITS = 20, 8
"""A window is at least this many times the limit, so that a rate 5 % above what is served breaks it in a full trial."""


class Windows(NamedTuple):
    """How long the trials of a search last."""

    full_limits: int = WINDOW_LIMITS
    probe_limits: int = PROBE_LIMITS
    probe_s: float = PROBE_S


USUAL_WINDOWS = Windows()


class FindRate:
    """The schedule of `--find-rate`: the floor first, then the searches until each rate is confirmed or given up."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit

    async def run(self, trials: Trials) -> None:
        """All searches, in turns; where they are interrupted, no trial at an unconfirmed rate is shown."""
        plans = list(trials.plans.values())
        floors = [plan for plan in plans if plan.views == [floor.VIEW]]
        searched = [plan for plan in plans if plan.views != [floor.VIEW] and can_run(trials.cell(plan.id))]
        searches = [CellSearch(plan, self._limit, ceiling_of(plan, trials.cell(plan.id))) for plan in searched]
        shuffler = shuffler_of(trials)
        _expect(trials, len(floors), searches)
        trials.note(_cost(searches))
        await one_round(trials, 1, floors, shuffler)
        try:
            await _take_turns(trials, searches, shuffler, len(floors))
        finally:
            for search in searches:
                if search.to_go:
                    search.hide_unconfirmed(trials)


async def _take_turns(trials: Trials, searches: "list[CellSearch]", shuffler: random.Random, done: int) -> None:
    """A trial of each, in another order each time, until all are over. `done`: trials before the first of them.

    Those that have found a rate wait until all have: it is confirmed in rounds of all, which may begin with services
    that are started afresh.
    """
    going_on, round_number = list(searches), 0
    while going_on:
        turn = [search for search in going_on if search.is_probing]
        if not turn:
            turn, round_number = going_on, round_number + 1
            await trials.begin_round(round_number)
        for search in shuffler.sample(turn, len(turn)):
            await search.go_on(trials)
            done += 1
            _expect(trials, done, going_on)
        going_on = [search for search in going_on if search.to_go]


def _expect(trials: Trials, done: int, searches: "list[CellSearch]") -> None:
    left = sum(search.to_go for search in searches)
    trials.expect(Expected(done + left, _expected_s(searches) / max(1, left), _most_s(searches)))


def _cost(searches: "list[CellSearch]") -> str:
    """What the run may cost, in words."""
    about = f"about {sum(search.to_go for search in searches)} trials, {time_in_words(_expected_s(searches))}"
    most = f"at most {time_in_words(_most_s(searches))}, where rates are not confirmed and lowered again and again"
    return f"--find-rate: {about}; {most}"


def _expected_s(searches: "list[CellSearch]") -> float:
    boots_s = _boots_s(search.expected for search in searches)
    return boots_s + sum(search.seconds(search.expected) for search in searches)


def _most_s(searches: "list[CellSearch]") -> float:
    return _boots_s(search.most for search in searches) + sum(search.seconds(search.most) for search in searches)


def _boots_s(left: Iterable[Left]) -> float:
    """How long services take that are started afresh between rounds of confirming, which all searches share."""
    return BOOT_S / ROUNDS_A_BOOT * max((of_search.confirmations for of_search in left), default=0)


class CellSearch:
    """The search of one cell."""

    def __init__(
        self,
        plan: CellPlan,
        limit: Limit,
        ceiling: Ceiling | None,
        steps: Steps = USUAL,
        windows: Windows = USUAL_WINDOWS,
    ) -> None:
        self._search = Search(plan.rounds, ceiling.per_s if ceiling is not None else None, steps)
        self._ceiling = ceiling
        self._limit = limit
        self._windows = windows
        full_s = max(plan.duration_s, windows.full_limits * limit.limit_s)
        self._plan = msgspec.structs.replace(plan, duration_s=full_s)
        self._probes: list[Probe] = []

    @property
    def to_go(self) -> int:
        """About how many trials are left; 0 once it is over."""
        return sum(self.expected)

    @property
    def expected(self) -> Left:
        """About how many trials of each kind are left."""
        return self._search.expected

    @property
    def most(self) -> Left:
        """How many of each kind may be left."""
        return self._search.most

    def seconds(self, left: Left) -> float:
        """How long that many trials take."""
        probe, full = self._probe_plan(FIRST_PER_S), self._plan
        each_s = (plan.warmup_s + plan.duration_s + TRIAL_EXTRA_S for plan in (probe, full))
        return sum(trials * trial_s for trials, trial_s in zip(left, each_s, strict=True))

    def _probe_plan(self, rate_per_s: float) -> CellPlan:
        """A trial that only probes a rate: shorter."""
        return msgspec.structs.replace(
            self._plan,
            load=Open(rate_per_s).text,
            warmup_s=min(PROBE_WARMUP_S, self._plan.warmup_s),
            duration_s=max(self._windows.probe_s, self._windows.probe_limits * self._limit.limit_s),
        )

    @property
    def is_probing(self) -> bool:
        """Whether it still looks for a rate to confirm."""
        attempt = self._search.next()
        return attempt is not None and attempt.kind == "probe"

    async def go_on(self, trials: Trials) -> None:
        """The next trial, and what follows from it; nothing once it is over."""
        attempt = self._search.next()
        if attempt is None:
            return
        trial = await self._try(trials, attempt)
        why = self._limit.broken_by(trial) or beyond_slots(trial, attempt.rate_per_s, self._plan.slots)
        self._search.note(attempt, why is None, trial.throughput_per_s)
        if trial.status == "disqualified":
            self._search.given_up = why
        self._probes.append(
            Probe(
                kind=attempt.kind,
                rate_per_s=attempt.rate_per_s,
                held=why is None,
                why=why,
                throughput_per_s=trial.throughput_per_s,
                bottleneck=trial.bottleneck,
            )
        )
        if self._search.given_up is not None:
            self.hide_unconfirmed(trials)
        trials.note_rate(self._plan.id, self.highest_rate())

    @property
    def confirmation_s(self) -> float:
        """How long a trial takes that confirms; nothing once it is over."""
        return self.seconds(Left(0, 1)) if self.to_go else 0.0

    @property
    def plan(self) -> CellPlan:
        """Of a trial that confirms."""
        return self._plan

    def end_after(self, seconds: float) -> None:
        """Let each further trial take no longer than that."""
        self._plan = msgspec.structs.replace(self._plan, most_s=seconds)

    def narrow_no_more(self) -> None:
        """Go on to confirm the highest rate that held, however wide its bracket is."""
        self._search.narrow_no_more()

    def settle(self, trials: Trials) -> None:
        """There is no time for more: take the rounds that there are."""
        if self.to_go:
            self._search.settle()
            self.hide_unconfirmed(trials)
            trials.note_rate(self._plan.id, self.highest_rate())

    def hide_unconfirmed(self, trials: Trials) -> None:
        """Trials at a rate that was not confirmed in every round are not shown; they are among the probes."""
        if not self._search.confirmed:
            trials.adopt(self._plan)

    async def _try(self, trials: Trials, attempt: Attempt) -> Trial:
        if attempt.kind == "probe":
            return await trials.probe(self._probe_plan(attempt.rate_per_s))
        if attempt.round == 1:
            trials.adopt(msgspec.structs.replace(self._plan, load=Open(attempt.rate_per_s).text))
        return await trials.measure(self._plan.id, attempt.round)

    def highest_rate(self) -> HighestRate:
        """What is known now."""
        search = self._search
        failed = self._failed_above(search.low_per_s or 0.0)
        nearest = failed[0] if failed else None
        return HighestRate(
            limit=self._limit.text,
            status="confirmed" if search.confirmed else "not_found" if search.given_up else "searching",
            rate_per_s=search.low_per_s if search.confirmed else None,
            failed_per_s=nearest.rate_per_s if nearest else None,
            why=search.given_up or (nearest.why if nearest else self._stable_below()),
            limited_by=_limited_by(failed),
            probes=list(self._probes),
        )

    def _stable_below(self) -> str | None:
        """What no probe was needed for; None where the ceiling is not known."""
        if self._ceiling is None:
            return None
        return f"no queue is stable at {self._ceiling.per_s:,.4g}/s: {self._ceiling.why}"

    def _failed_above(self, rate_per_s: float) -> list[Probe]:
        """Trials that did not hold, the lowest rates first: what failed below had a second try that held."""
        failed = [probe for probe in self._probes if not probe.held and probe.rate_per_s > rate_per_s]
        return sorted(failed, key=lambda probe: probe.rate_per_s)


def _limited_by(failed: list[Probe]) -> str | None:
    """What limited the trials that did not hold, the lowest rates first; None if nothing shows it."""
    known = [probe.bottleneck for probe in failed if probe.bottleneck is not None and probe.bottleneck not in NO_LIMIT]
    return Counter(known[:3]).most_common(1)[0][0] if known else None

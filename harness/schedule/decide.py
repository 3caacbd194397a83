"""The schedule of `workbench decide`: a look at the job, one request alone, pools in full use, rates, then both sides.

The time is a promise: each phase is planned by how long a request takes, and by how long the trials before it took.
What comes later has its time reserved; what does not fit is left out, and the card says so.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from harness.errors import ServiceError
from harness.plan.decide import ASYNCIO, Patience, enough_slots, full_views
from harness.plan.decide_time import Spans
from harness.plan.limit import Limit
from harness.plan.plan import CellPlan, ViewPlan
from harness.results.decision import ALONE, FULL, LOOK, RATE
from harness.results.model import Cell, Decision, Pool, Spoiler, Trial
from harness.schedule.decide_cells import (
    cores,
    cpu_s,
    failing,
    in_view,
    measured,
    median_ms,
    per_s_by_cpu,
    taken_s,
    tried,
    why_without,
)
from harness.schedule.decide_crashes import measure_crashes
from harness.schedule.decide_measuring import Measuring
from harness.schedule.decide_reach import beyond_its_option
from harness.schedule.decide_record import Record
from harness.schedule.decide_rounds import Rounds
from harness.schedule.schedule import Trials
from harness.statistics.deciding.pools import chosen, usual_limit_s, usual_rate
from harness.statistics.units import time_in_words

TRIALS_ABOUT = 39
"""Before more is known."""
RATE_SHARE = 0.7
"""Of the time that is left once it is known how long a request takes."""
BOTH = 2
"""Cells of a phase without which there is nothing to compare."""


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
    limit_s: float
    """Seconds for all trials."""
    crashes: bool = False
    """Whether processes are killed in mid-load."""


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
        self._measuring = Measuring(wanted.limit_s, seen, now)
        self._limit = wanted.limit
        self._spans = Spans(0.0)

    async def run(self, trials: Trials) -> None:
        """All phases, as far as time and calls go."""
        record = self._record = Record(trials, self._found)
        await trials.begin_round(1)
        self._measuring.begin(trials, record)
        self._measuring.expect(TRIALS_ABOUT)
        await self._look(trials)
        await self._alone(trials)
        await self._in_full_use(trials)
        sides = self._sides(trials)
        if any(cell.status == "pending" for cell in in_view(trials, ALONE)[:BOTH]):
            self._say_no_time()
            return
        for reason in why_without(trials, record.decision):
            record.leave_out(f"the rate: {reason}")
        if sides:
            self._set_rate_and_limit(trials, sides)
            record.change(beyond=beyond_its_option(trials, record.decision.rate_per_s or 0.0))
            if self._wanted.crashes:
                await self._crashes(trials, sides)
            await self._rounds(trials, sides)

    async def _crashes(self, trials: Trials, sides: Sequence[str]) -> None:
        """Where the rounds of a verdict fit all the same."""
        rate_per_s, reserve_s = self._record.decision.rate_per_s or 1.0, self._spans.verdict_s(self._measuring.boot_s)
        asked = self._wanted.asked
        why_not = await measure_crashes(trials, self._measuring, asked, sides, rate_per_s, reserve_s)
        if why_not is not None:
            self._record.leave_out(why_not)

    async def _rounds(self, trials: Trials, sides: Sequence[str]) -> None:
        rounds = Rounds(self._wanted.asked, self._measuring, self._limit, self._spans)
        try:
            await rounds.run(sides, given=self._wanted.rate_per_s is not None)
        except ServiceError as error:  # what has been measured is still shown
            self._record.leave_out(f"the rounds: {error}")
            return
        if not any(cell.trials for cell in in_view(trials, RATE)):
            self._say_no_time()

    def _say_no_time(self) -> None:
        least = time_in_words(self._spans.least_s())
        self._record.leave_out(
            f"the rate: there was no time for it; on this job, a decision takes at least {least} on a quiet machine"
        )

    async def _look(self, trials: Trials) -> None:
        await self._measuring.phase(_plans(trials, LOOK), LOOK, self._spans.look_s(), lambda _: 0.0)
        self._record.note_replies()
        self._spans = Spans(max((median_ms(cell) / 1000 for cell in in_view(trials, LOOK)), default=0.0))
        self._known_left_s = self._measuring.left_s

    async def _alone(self, trials: Trials) -> None:
        """Both sides; then further pools, where a comparison at the rate still fits."""
        patience = Patience(self._spans.alone_s)
        for plan in _plans(trials, ALONE):
            fitted = {"rest_s": patience.alone_rest_s, "stretch_s": patience.alone_stretch_s}
            trials.adopt(msgspec.structs.replace(plan, **fitted))

        def reserve_s(number: int) -> float:
            return 0.0 if number < BOTH else self._reserve_s() + self._spans.full_s()

        await self._measuring.phase(_plans(trials, ALONE), ALONE, self._spans.one_s(), reserve_s)
        known = [median_ms(cell) / 1000 for cell in in_view(trials, ALONE) if cell.summary is not None]
        if known:
            self._spans = Spans(max(known))

    def _reserve_s(self) -> float:
        """For the rounds at the rate: those of a verdict; where these do not fit, most of what there was."""
        verdict_s = self._spans.verdict_s(self._measuring.boot_s)
        fits = verdict_s + BOTH * self._spans.one_s() <= self._known_left_s
        return verdict_s if fits else RATE_SHARE * self._known_left_s

    async def _in_full_use(self, trials: Trials) -> None:
        """The pools, with slots enough for the rate, and asyncio with as many clients as the largest of them."""
        pools = [self._with_slots(trials, pool) for pool in self._wanted.pools if measured(trials, ALONE, pool)]
        clients = max((int(pool.partition(":")[2]) for pool in pools), default=self._spare_clients())
        on_asyncio = clients if measured(trials, ALONE, ASYNCIO) else None
        for view in full_views(self._wanted.asked, pools, on_asyncio, Patience(self._spans.alone_s)):
            if self._measuring.left_s - self._spans.full_s() < self._reserve_s():
                self._record.leave_out(f"{FULL}: no time for it")
                return
            try:
                plans = await trials.extend([view])
            except ServiceError as error:
                self._record.leave_out(f"{FULL}: {error}")
            else:
                await self._measuring.phase(plans, FULL, self._spans.full_s(), lambda _: self._reserve_s())

    def _spare_clients(self) -> int:
        return max(int(pool.partition(":")[2]) for pool in self._wanted.pools)

    def _with_slots(self, trials: Trials, pool: str) -> str:
        name, _, slots = pool.partition(":")
        alone = measured(trials, ALONE, pool)
        if alone is None or not self._wanted.more_slots:
            return pool
        alone_s, rate_per_s = taken_s(alone), self._wanted.rate_per_s
        return f"{name}:{enough_slots(name, int(slots), rate_per_s, alone_s, per_s_by_cpu(trials, alone))}"

    def _sides(self, trials: Trials) -> list[str]:
        """Contenders that are compared: asyncio and the pool that is taken, without one that does not work."""
        full = [cell for cell in in_view(trials, FULL) if cell.side == "celery" and cell.status != "pending"]
        share = failing(trials)
        self._record.change(failing=share)
        pools = chosen([tried(cell, share) for cell in full])
        if not full and (first := next((pool for pool in self._wanted.pools if measured(trials, ALONE, pool)), None)):
            pools = [Pool(contender=first, taken=True, why="there was no time to compare pools in full use")]
        self._record.choose(pools)
        taken = self._record.decision.pool
        names = {plan.id: trials.cell(plan.id).label for plan in trials.plans.values()}
        trials.finish(identity for identity, label in names.items() if label not in (ASYNCIO, taken))
        return [label for label in (ASYNCIO, taken) if label and self._cell_alone(trials, label)]

    def _cell_alone(self, trials: Trials, label: str) -> Cell | None:
        """One request alone, on that contender: with its slots, or with fewer."""
        exactly = measured(trials, ALONE, label)
        name = label.partition(":")[0]
        others = (cell for cell in in_view(trials, ALONE) if cell.contender == name and cell.summary is not None)
        return exactly or next(others, None)

    def _set_rate_and_limit(self, trials: Trials, sides: Sequence[str]) -> None:
        alone = [cell for label in sides if (cell := self._cell_alone(trials, label)) is not None]
        if self._limit is None:
            limit_s = usual_limit_s([median_ms(cell) for cell in alone])
            self._limit = Limit.parse(f"p99<{limit_s * 1000:g}ms", "the usual limit")
            slower = "on the slower side" if len(alone) > 1 else "on the side that works"
            source = f"5 times the median of one request alone {slower}"
        else:
            source = "as given"
        self._limit = msgspec.structs.replace(self._limit, failing=self._record.decision.failing)
        self._record.change(limit=self._limit.text, limit_from=source)
        rate, rate_from = self._wanted.rate_per_s, "as given"
        if rate is None:
            rate, rate_from = self._usual_rate(trials, alone[-1])
        self._record.change(rate_per_s=rate, rate_from=rate_from)

    def _usual_rate(self, trials: Trials, alone: Cell) -> tuple[float, str]:
        full = [cell for cell in in_view(trials, FULL) if cell.contender == alone.contender and cell.summary]
        served = [cell.summary.throughput_per_s for cell in full if cell.summary]
        slots = int(self._wanted.pools[0].partition(":")[2])
        most_per_s = max(served) if served else slots / taken_s(alone)
        usable = cores(trials) if alone.side == "celery" else 1.0
        return usual_rate(cpu_s(alone), usable, most_per_s, alone.contender, seen=bool(served))


def _plans(trials: Trials, view: str) -> list[CellPlan]:
    return [plan for plan in trials.plans.values() if view in plan.views]

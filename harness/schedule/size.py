"""The schedule of `workbench size`: one round of its rows, the proposals that follow, two trials that verify one."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec

from harness.accounting.bottleneck import SLOTS
from harness.accounting.costs import costs_of
from harness.accounting.disturbance import DISTURBING
from harness.errors import ServiceError
from harness.plan.decide import PROCESSES_MOST, SLOTS_MOST
from harness.plan.plan import CellPlan, ViewPlan
from harness.plan.size import fewer_view, verified_view
from harness.progress.progress import Expected
from harness.recording.histograms import merge
from harness.results.model import Cell, Proposal, Sizing, Trial, Verified
from harness.results.sizing import ALONE, FULL
from harness.schedule.decide_cells import cores, in_view
from harness.schedule.schedule import FixedRounds, Trials, can_run, mean_s
from harness.statistics.sizing.costs import Costs
from harness.statistics.sizing.proposals import Wanted, proposed, thinned
from harness.statistics.sizing.verifying import FITS, SLOTS_LEAST, Small, Trend, keeps_up, largest, trend
from harness.statistics.units import rate_in_words

EXECUTION = "execution"
"""Key of the histogram of execution times."""
SERVED_LEAST = 0.98
"""Share of the requests that must be answered well for a proposal to hold."""
FEWER_TIMES = 3
"""How often a pool is given fewer slots, at the most."""
TRIES = 3
"""Trials of a row, until one tells whether its queue grows."""
HELD_UP = 1.1
"""Execution among many ÷ alone, from which requests held each other up: then the times of those alone are taken."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A contender's costs, and what is proposed by them."""

    costs: Costs
    proposal: Proposal


class Size:
    """`sizing` in the document grows with what is known."""

    def __init__(self, asked: ViewPlan, sizing: Sizing) -> None:
        """`asked`: the workload with its parameters."""
        self._asked = asked
        self._sizing = sizing

    async def run(self, trials: Trials) -> None:
        """All of its trials."""
        self._trials = trials
        self._change()
        await FixedRounds().run(trials)
        await self._with_fewer_slots()
        measured = self._propose()
        if self._sizing.asked_to_verify:
            await self._verify(measured)

    def _change(self, **changes: Any) -> None:
        self._sizing = msgspec.structs.replace(self._sizing, **changes)
        self._trials.note_run(sizing=self._sizing)

    def _leave_out(self, reason: str) -> None:
        self._change(left_out=[*self._sizing.left_out, reason])

    async def _with_fewer_slots(self) -> None:
        """Measure pools again that used up something else than their slots: waiting for it is no time of a slot.

        At the rate that is planned for, nothing is used up. What is used up holds requests up, so that with fewer of
        them more are served than in proportion: one step may not be enough.
        """
        for _ in range(FEWER_TIMES):
            latest = {cell.contender: cell for cell in in_view(self._trials, FULL)}
            fewer = [spec for cell in latest.values() if (spec := _fewer(cell)) is not None]
            if not fewer:
                return
            added = 0
            async for plan in self._added("with fewer slots", fewer_view(self._asked, fewer)):
                await self._trials.measure(plan.id, 1)
                added += 1
            if not added:
                return

    async def _added(self, why: str, view: ViewPlan) -> AsyncIterator[CellPlan]:
        """The rows of a view that is added to the run, each when it is due; none, with the reason, where that fails."""
        try:
            plans = await self._trials.extend([view])
        except ServiceError as error:  # what has been measured is still shown
            self._leave_out(f"{why}: {error}")
            return
        done = sum(len(cell.trials) for cell in self._trials.results.cells)
        self._trials.expect(Expected(done + len(plans), mean_s(plans)))
        for plan in plans:
            if can_run(self._trials.cell(plan.id)):
                yield plan

    def _full(self, alone: Cell) -> Cell | None:
        """The same contender in full use: that with fewer slots, where it was measured."""
        cells = [cell for cell in in_view(self._trials, FULL) if cell.contender == alone.contender]
        done = [cell for cell in cells if any(trial.status == "measured" for trial in cell.trials)]
        return next(reversed(done or cells), None)

    def _propose(self) -> list[Measured]:
        environment, sizing = self._trials.results.environment, self._sizing
        wanted = Wanted(
            rate_per_s=sizing.rate_per_s,
            utilisation=sizing.utilisation,
            cores=cores(self._trials),
            machine_mb=environment.memory_limit_mb or environment.memory_mb,
            limit_s=None if sizing.limit_ms is None else sizing.limit_ms / 1000,
            price=sizing.price,
            slots_a_process=SLOTS_MOST,
            children_a_worker=PROCESSES_MOST,
            seed=self._trials.seed,
        )
        found = []
        for alone in in_view(self._trials, ALONE):
            full = self._full(alone)
            times_s, of_alone = services_s(alone, full)
            costs = costs_of(alone, full, times_s, of_alone=of_alone) if full is not None else None
            if costs is None:
                self._leave_out(f"{alone.label}: {_why_not(alone, full)}")
                continue
            found.append(Measured(costs=costs, proposal=proposed(costs, wanted)))
        self._change(proposals=[each.proposal for each in found])
        return found

    async def _verify(self, measured: list[Measured]) -> None:
        """The largest proposal that fits on this machine, and the same with a slot fewer."""
        small = largest(((each.costs, each.proposal) for each in measured), cores(self._trials))
        if small is None:
            why = "two slots of no proposal fit on this machine: their CPU would be the limit, not the slots"
            self._leave_out(f"verifying: {why if measured else 'there is no proposal'}")
            return
        view = verified_view(self._asked, small.contender, small.slots, small.rate_per_s, small.slot_s)
        async for plan in self._added("verifying", view):
            self._change(verified=[*self._sizing.verified, await self._tried(plan, small)])

    async def _tried(self, plan: CellPlan, small: Small) -> Verified:
        """A trial that tells, or the last one of a few."""
        for tries in itertools.count(1):
            trial = await self._trials.measure(plan.id, tries)
            verified = _verified(self._trials.cell(plan.id), trial, small, tries)
            if verified.is_known or tries == TRIES:
                return verified
        raise AssertionError("a count has no end")


def _verified(cell: Cell, trial: Trial, small: Small, tries: int) -> Verified:
    """Whether its queue grew."""
    seen = trend(trial.timeline) if trial.status == "measured" else None
    held = keeps_up(small, seen)
    if held and trial.ok < SERVED_LEAST * trial.submitted:
        held = False
    return Verified(
        contender=cell.label,
        rate_per_s=small.rate_per_s,
        should_hold=cell.slots == small.slots,
        held=held,
        why=_seen(trial, small, seen),
        served_per_s=trial.throughput_per_s,
        p99_ms=_p99_ms(trial),
        grew=None if seen is None else seen.growth,
        tries=tries,
        disturbed=any(doubt.kind in DISTURBING for doubt in trial.doubts),
    )


def _seen(trial: Trial, small: Small, seen: Trend | None) -> str:
    """In words."""
    if trial.status != "measured":
        return (trial.error or trial.status).splitlines()[0]
    rates = (
        f"{rate_in_words(trial.throughput_per_s or 0.0)} of {rate_in_words(small.rate_per_s)} requests/s were served"
    )
    if seen is None:
        return f"{rates}, too few to see whether they became later"
    grew_ms, error_ms = 1000 * seen.growth, 1000 * seen.error
    return f"{rates}, each second {grew_ms:.0f} ± {error_ms:.0f} ms later"


def _fewer(cell: Cell) -> str | None:
    """The contender with so many slots that nothing else is used up; None where nothing is, or two are too many."""
    trial = next((trial for trial in reversed(cell.trials) if trial.status == "measured"), None)
    if trial is None or cell.slots is None:
        return None
    busiest = max((share for limit, share in trial.busy.items() if limit != SLOTS), default=0.0)
    slots = int(cell.slots * FITS / busiest) if busiest > FITS else cell.slots
    return f"{cell.contender}:{slots}" if SLOTS_LEAST <= slots < cell.slots else None


def services_s(alone: Cell, full: Cell | None) -> tuple[list[float], bool]:
    """Execution times: those among many, unless requests held each other up there, by the mean; else those alone.

    And whether they are those alone.
    """
    one, many = _executions_s(alone), _executions_s(full) if full is not None else []
    held_up = bool(one and many) and sum(many) / len(many) > HELD_UP * sum(one) / len(one)
    return (one, True) if held_up or not many else (many, False)


def _executions_s(cell: Cell) -> list[float]:
    encoded = [trial.histograms[EXECUTION] for trial in cell.counted if EXECUTION in trial.histograms]
    if not encoded:
        return []
    return thinned([(value_us / 1e6, count) for value_us, count in merge(encoded).recorded()])


def _p99_ms(trial: Trial) -> float | None:
    """The slowest reply, where there are too few for a p99."""
    latency = trial.latency_ms
    if latency is None:
        return None
    return latency.max if latency.p99 is None else latency.p99


def _why_not(alone: Cell, full: Cell | None) -> str:
    for cell in filter(None, (alone, full)):
        if cell.status != "measured":
            return (cell.reason or cell.status).splitlines()[0]
    return "its CPU or its execution times are not known"

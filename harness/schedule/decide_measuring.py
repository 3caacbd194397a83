"""Trials of `workbench decide` within its time and its calls: none goes on beyond them; what they show is noted."""

import math
from collections.abc import Callable, Sequence

from harness.plan.decide_time import BOOT_S
from harness.plan.plan import CellPlan
from harness.progress.progress import Expected
from harness.results.model import Cell, Spoiler, Trial
from harness.schedule.decide_record import Record
from harness.schedule.find_rate import CellSearch
from harness.schedule.schedule import Trials, can_run

ABORT_S = 3.0
"""For a trial that is ended to say so, and for its workers to be stopped."""
BOOT_MOST_S = 10.0
"""Before it has been seen."""
TRIAL_LEAST_S = 2.0
"""With less time than that, no trial is begun."""


class Measuring:
    """The time begins when it is made."""

    def __init__(
        self,
        limit_s: float,
        seen: Callable[[Cell, Trial], Sequence[Spoiler]],
        now: Callable[[], float],
    ) -> None:
        """`limit_s`: seconds for all trials; `seen`: what a trial shows that spoils the comparison."""
        self._begun = now()
        self._ends = self._begun + limit_s
        self._seen = seen
        self._now = now
        self.trials: Trials
        self.record: Record
        self.boot_s = BOOT_S
        """How long services last took to start afresh."""
        self.done = 0
        """Trials so far."""
        self._most_s: dict[str, float] = {}
        """Cell → for how long its plan lets a trial go on."""
        self._took_s: dict[str, float] = {}
        """View → how long its last trial took."""

    def begin(self, trials: Trials, record: Record) -> None:
        """The services are up: how long that took, with all that came before, bounds how long they take again."""
        self.trials, self.record = trials, record
        self.boot_s = min(BOOT_MOST_S, max(BOOT_S, self._now() - self._begun))

    @property
    def left_s(self) -> float:
        """Until all trials must be over."""
        return self._ends - self._now()

    def about_s(self, view: str, planned_s: float) -> float:
        """How long a trial of a view takes: as its last one took, where there was one; else as planned."""
        return self._took_s.get(view, planned_s)

    def expect(self, left: int) -> None:
        """Report how many trials there are; together they take no longer than the time that is left."""
        left_s = max(0.0, self.left_s)
        self.trials.expect(Expected(self.done + left, left_s / max(1, left), within_s=left_s))

    async def start_afresh(self, number: int, *, boots: bool) -> None:
        """A round begins, with services that are started afresh or not."""
        if not boots:
            return
        begun = self._now()
        await self.trials.begin_round(number)
        self.boot_s = max(1.0, self._now() - begun)

    async def trial(self, plan: CellPlan, round_number: int, parts: int = 30) -> Trial | None:
        """A trial with its share of the calls that are left; None if there is no time, or no sense, in it."""
        if not can_run(self.trials.cell(plan.id)) or not self._has_time(plan):
            return None
        if (left := self.trials.calls_left) is not None:
            self.trials.allow(plan.id, at_most=max(2, left // parts))
        begun = self._now()
        trial = await self.trials.measure(plan.id, round_number)
        self.done += 1
        for view in plan.views:
            self._took_s[view] = self._now() - begun
        self.note(plan.id, trial)
        return trial

    async def search(self, search: CellSearch) -> None:
        """The next trial of a search, if there is time for it."""
        if search.to_go and self._has_time(search.plan):
            search.end_after(self._within_s(search.plan))
            self.done += 1
            await search.go_on(self.trials)

    def _has_time(self, plan: CellPlan) -> bool:
        """Whether a trial of it may begin: it is then ended when the time is over."""
        if self.left_s < TRIAL_LEAST_S + ABORT_S:
            return False
        self.trials.allow(plan.id, most_s=self._within_s(plan))
        return True

    def _within_s(self, plan: CellPlan) -> float:
        most_s = self._most_s.setdefault(plan.id, math.inf if plan.most_s is None else plan.most_s)
        return min(most_s, self.left_s - ABORT_S)

    def note(self, identity: str, trial: Trial) -> None:
        """What a trial shows that spoils the comparison."""
        cell = self.trials.cell(identity)
        self.record.add_spoilers(cell.contender, self._seen(cell, trial))

    async def phase(
        self, plans: Sequence[CellPlan], view: str, planned_s: float, reserve_s: Callable[[int], float]
    ) -> None:
        """A trial of each; of those for which there is no time, but for what must come later, the reason.

        `reserve_s`: by the number in the phase, the seconds that must be left after it.
        """
        for number, plan in enumerate(plans):
            fits = self.left_s - self.about_s(view, planned_s) >= reserve_s(number)
            if not fits or await self.trial(plan, 1) is None:
                label = self.trials.cell(plan.id).label
                if can_run(self.trials.cell(plan.id)):
                    self.record.leave_out(f"{label}, {view}: no time for it")

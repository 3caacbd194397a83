"""The decision in the document, as it grows: what the phases of `workbench decide` have found and chosen."""

from collections.abc import Sequence
from typing import Any

import msgspec

from harness.plan.limit import Limit, not_stable
from harness.results.decision import LOOK
from harness.results.model import Decision, Spoiler, Trial
from harness.schedule.schedule import Trials


class Record:
    """`decision` as it stands; each change is noted in the run at once."""

    def __init__(self, trials: Trials, decision: Decision) -> None:
        self.decision = decision
        self._trials = trials
        self.change()

    def change(self, **changes: Any) -> None:
        """Put these parts in place of those that it has."""
        self.decision = msgspec.structs.replace(self.decision, **changes)
        self._trials.note_run(decision=self.decision)

    def leave_out(self, reason: str) -> None:
        """Something is not measured."""
        self.change(left_out=[*self.decision.left_out, reason])

    def add_spoilers(self, found: Sequence[Spoiler]) -> None:
        """Each kind once for a side: of those that were seen, the first."""
        known = {(spoiler.kind, spoiler.side) for spoiler in self.decision.spoilers}
        new = [spoiler for spoiler in found if (spoiler.kind, spoiler.side) not in known]
        if new:
            self.change(spoilers=[*self.decision.spoilers, *new])

    def note_late(self, label: str, trial: Trial, limit: Limit) -> None:
        """How many requests of a trial at the rate were late; one that was not at rest says nothing of that."""
        if not_stable(trial) is not None:
            return
        late, submitted = self.decision.late.get(label, (0, 0))
        now = (late + limit.late_in(trial), submitted + trial.submitted)
        self.change(late=self.decision.late | {label: now})

    def note_replies(self) -> None:
        """Whether the first replies of both sides are equal."""
        cells = [self._trials.cell(identity) for identity in self._trials.plans]
        looked = [cell.trials[-1].look for cell in cells if LOOK in cell.views and cell.trials]
        replies = [look.reply for look in looked if look is not None]
        if len(replies) == 2 and all(replies):
            first, second = replies
            different = f"asyncio {first}, Celery {second}: each passed the check"
            self.change(replies=f"equal: {first}" if first == second else different)

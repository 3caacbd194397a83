"""The decision in the document, as it grows: what the phases of `workbench decide` have found and chosen."""

from collections.abc import Sequence
from typing import Any

import msgspec

from harness.plan.decide import ASYNCIO
from harness.plan.limit import Limit, not_stable
from harness.results.decision import LOOK
from harness.results.model import Decision, Pool, Spoiler, Trial
from harness.schedule.schedule import Trials


class Record:
    """`decision` as it stands; each change is noted in the run at once."""

    def __init__(self, trials: Trials, decision: Decision) -> None:
        self.decision = decision
        self._trials = trials
        self._found = list(decision.spoilers)
        """Before anything was measured."""
        self._seen: list[tuple[str, Spoiler]] = []
        """Contender, and what it showed."""
        self.change()

    def change(self, **changes: Any) -> None:
        """Put these parts in place of those that it has."""
        self.decision = msgspec.structs.replace(self.decision, **changes)
        self._trials.note_run(decision=self.decision)

    def leave_out(self, reason: str) -> None:
        """Something is not measured."""
        self.change(left_out=[*self.decision.left_out, reason])

    def add_spoilers(self, contender: str, found: Sequence[Spoiler]) -> None:
        """Each kind once for a side: of those that were seen, the first."""
        known = {(name, spoiler.kind) for name, spoiler in self._seen}
        self._seen += [(contender, spoiler) for spoiler in found if (contender, spoiler.kind) not in known]
        self.change(spoilers=self._spoilers(self.decision.pools))

    def choose(self, pools: list[Pool]) -> None:
        """These pools were tried: what one shows that is not taken spoils nothing."""
        self.change(pools=pools, spoilers=self._spoilers(pools))

    def _spoilers(self, pools: Sequence[Pool]) -> list[Spoiler]:
        taken = {ASYNCIO, *(pool.contender.partition(":")[0] for pool in pools if pool.taken)}
        shown = taken if len(taken) > 1 else {contender for contender, _ in self._seen}
        kinds = {(spoiler.kind, spoiler.side) for spoiler in self._found}
        first: dict[tuple[str, str], Spoiler] = {}
        for contender, spoiler in self._seen:
            if contender in shown and (spoiler.kind, spoiler.side) not in kinds:
                first.setdefault((spoiler.kind, spoiler.side), spoiler)
        return [*self._found, *first.values()]

    def note_late(self, label: str, trial: Trial, limit: Limit) -> None:
        """How many requests of a trial at the rate were late; one that was not at rest says nothing of that."""
        if not_stable(trial) is not None and not limit.clearly_held_by(trial):
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

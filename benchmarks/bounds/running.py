"""Runs the cases of a part together: one start of the services for all of them."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from benchmarks.bounds.cases import Case
from benchmarks.bounds.row import Row, near, not_run
from harness.plan.plan import Plan, ViewPlan
from harness.progress.progress import Quiet
from harness.results.model import Trial
from harness.results.store import Store
from harness.session.options import Options
from harness.session.session import Session

TRIED_AGAIN = 2
"""Times that a row is measured once more where others used the machine meanwhile and its figure is not right."""


def plan_of(cases: Sequence[Case]) -> Plan:
    """A view each; cases that are the same trial share a cell."""
    views = [
        ViewPlan(
            name=str(number),
            workloads=[case.workload],
            contenders=[case.contender],
            loads=[case.load],
            set={case.workload: case.params},
            duration=case.duration,
            floor=False,
        )
        for number, case in enumerate(cases)
    ]
    return Plan(name="bounds", rounds=1, warmup="0.3s", view=views)


async def rows_of(cases: Sequence[Case]) -> AsyncIterator[Row]:
    """One after the other."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        options = Options(seed=1, timeout_s=30.0, command="python -m benchmarks.impossible")
        session = Session(plan_of(cases), options, Store(Path(folder) / "run"), Quiet())
        async with session.trials() as trials:
            measured: dict[str, Trial] = {}
            for number, case in enumerate(cases):
                plan = next(plan for plan in trials.plans.values() if str(number) in plan.views)
                cell = trials.cell(plan.id)
                if cell.reason is not None:
                    yield not_run(case.asked, cell.reason)
                    continue
                if plan.id not in measured:
                    measured[plan.id] = await trials.trial(plan, 1)
                row = row_of(case, measured[plan.id])
                for _ in range(TRIED_AGAIN):
                    if row.verdict == "disturbed":
                        measured[plan.id] = await trials.trial(plan, 1)
                        row = row_of(case, measured[plan.id])
                yield row


def row_of(case: Case, trial: Trial) -> Row:
    """The figure against its bound; what was not measured says why."""
    if trial.status == "impossible":
        return Row(case.asked, trial.error or "", f"{case.bound:.4g}{case.unit}", case.known, "impossible")
    if trial.status != "measured":
        return Row(case.asked, f"{trial.status}: {trial.error}", f"{case.bound:.4g}{case.unit}", case.known, "WRONG")
    row = near(case.asked, case.figure(trial), case.bound, case.unit, case.known, case.edges(trial))
    disturbed = any(doubt.kind == "noisy-machine" for doubt in trial.doubts)
    return row._replace(verdict="disturbed") if row.verdict == "WRONG" and disturbed else row

"""What `--profile` adds to a run: its rows once more, each with its stacks sampled. Pure."""

from harness.errors import UsageError
from harness.plan.asked import Asked
from harness.plan.plan import CellPlan, ViewPlan
from harness.results.profile import VIEW

PREFIX = "profiled "
"""Begins the ids of its cells: the plan's own keep the rounds that they have, undisturbed."""
WINDOW_S = 6.0
"""The least window: at 100 samples a second, a share of a third is known to a tenth of itself."""
ABOUT = "once more, with stacks sampled: where CPU goes, not how fast it is"


def check_profile(asked: Asked) -> None:
    """Raise UsageError where the run's processes are not the session's to look into."""
    if asked.external:
        raise UsageError(
            "--profile samples processes that the run starts, and --workers external are elsewhere: run py-spy there, "
            "or profile with embedded workers."
        )


def profile_view(cell: CellPlan) -> ViewPlan:
    """That cell once more; the views of several are parts of one."""
    return ViewPlan(
        name=VIEW,
        about=ABOUT,
        workloads=[cell.workload],
        contenders=[str(cell.spec)],
        loads=[cell.load],
        drivers=[cell.drivers],
        set={cell.workload: cell.params} if cell.params else {},
        prefix=PREFIX,
        duration=f"{max(WINDOW_S, cell.duration_s):g}s",
        floor=False,
        rest_s=cell.rest_s,
        most_s=None if cell.most_s is None else cell.most_s + WINDOW_S,
        stretch_s=cell.stretch_s,
        profile=True,
    )

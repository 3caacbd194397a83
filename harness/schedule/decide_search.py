"""The search for the highest rate of both sides in `workbench decide`: begun near what is expected, with few steps."""

from collections.abc import Callable

import msgspec

from harness.plan.decide import MOST_S, ROUNDS, WINDOW_LIMITS
from harness.plan.limit import Limit
from harness.plan.plan import ViewPlan
from harness.schedule.bisection import Steps
from harness.schedule.decide_cells import first_per_s, search_calls
from harness.schedule.find_rate import CellSearch, Windows
from harness.schedule.schedule import Trials, can_run

SEARCH_S = 40.0
"""For the search of both sides, before its rates are confirmed."""
STEPS = Steps(grow=1.5, narrow=1.25, lower=0.8, tries=1)
"""Few: a rate that fails once has failed."""
WINDOWS = Windows(full_limits=WINDOW_LIMITS, probe_limits=6, probe_s=1.5)
CONFIRMATION_MOST_S = 10.0
"""Where a window that can break the limit would be longer, there is no time for a search."""


def why_no_search(trials: Trials, contenders: list[str], limit: Limit, left_s: float) -> str | None:
    """Why there is none; None if there is time, and there are calls, for one."""
    if left_s < SEARCH_S or MOST_S + WINDOWS.full_limits * limit.limit_s > CONFIRMATION_MOST_S:
        return "the most that each can do: no time for its search"
    if (left := trials.calls_left) is not None and left < search_calls(trials, contenders):
        return "the most that each can do: its search takes more calls than are left"
    return None


async def searches_of(trials: Trials, view: ViewPlan, limit: Limit, now: Callable[[], float]) -> list[CellSearch]:
    """The search of each side, gone on with until each has a rate to confirm or the time for it is over."""
    plans = await trials.extend([view])
    searches = [
        CellSearch(
            msgspec.structs.replace(plan, rounds=ROUNDS),
            limit,
            trials.cell(plan.id).ceiling_per_s,
            STEPS._replace(first_per_s=first_per_s(trials, trials.cell(plan.id).label)),
            WINDOWS,
        )
        for plan in plans
        if can_run(trials.cell(plan.id))
    ]
    ends = now() + SEARCH_S
    while (probing := [search for search in searches if search.is_probing]) and now() < ends:
        for search in probing:
            if now() < ends:
                await search.go_on(trials)
    for search in probing:
        search.narrow_no_more()
    return searches

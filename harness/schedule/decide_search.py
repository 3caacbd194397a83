"""The search for the highest rate of both sides in `workbench decide`: begun at what was seen, with few steps."""

from collections.abc import Sequence

import msgspec

from harness.plan.decide import MOST_S, ROUNDS, WINDOW_LIMITS
from harness.plan.decide_time import RESTS_S, TRIAL_S, WARMUP_S
from harness.plan.limit import Limit
from harness.plan.plan import CellPlan, ViewPlan
from harness.schedule.bisection import Steps
from harness.schedule.ceilings import Ceiling, ceiling_of
from harness.schedule.decide_cells import ceiling_per_s, first_per_s, search_calls
from harness.schedule.decide_measuring import Measuring
from harness.schedule.find_rate import CellSearch, Windows
from harness.schedule.schedule import Trials, can_run

SEARCH_S = 40.0
"""For the search of both sides, before its rates are confirmed."""
CONFIRMED_LEAST = 2
"""Rounds in which a rate is to be confirmed, though there may be no time for more."""
PROBES_LEAST = 3
"""Of each side: with fewer, a search shows nothing."""
STEPS = Steps(grow=1.5, narrow=1.25, lower=0.8, tries=1)
"""Few: a rate that fails once has failed."""
WINDOWS = Windows(full_limits=WINDOW_LIMITS, probe_limits=6, probe_s=1.5)
CONFIRMATION_MOST_S = 10.0
"""Where a window that can break the limit would be longer, there is no time for a search."""


def confirmation_s(limit: Limit) -> float:
    """A trial that confirms a rate."""
    return WARMUP_S + RESTS_S + TRIAL_S + max(MOST_S, WINDOWS.full_limits * limit.limit_s)


def probe_s(limit: Limit) -> float:
    """A trial that probes one."""
    return WARMUP_S + RESTS_S + TRIAL_S + max(WINDOWS.probe_s, WINDOWS.probe_limits * limit.limit_s)


def budget_s(limit: Limit, sides: int, spare_s: float) -> float:
    """Seconds for the probes of a search, of those that the rounds at the rate leave; two of its rounds take theirs."""
    return min(SEARCH_S, spare_s - CONFIRMED_LEAST * sides * confirmation_s(limit))


def why_no_search(trials: Trials, contenders: Sequence[str], limit: Limit, most_s: float) -> str | None:
    """Why there is none; None if there is time, and there are calls, for one."""
    too_long = MOST_S + WINDOWS.full_limits * limit.limit_s > CONFIRMATION_MOST_S
    if too_long or most_s < PROBES_LEAST * len(contenders) * probe_s(limit):
        return "the most that each can do: no time for its search"
    if (left := trials.calls_left) is not None and left < search_calls(trials, contenders):
        return "the most that each can do: its search takes more calls than are left"
    return None


async def searches_of(measuring: Measuring, view: ViewPlan, limit: Limit, most_s: float) -> list[CellSearch]:
    """The search of each side, gone on with until each has a rate to confirm or the time for it is over."""
    trials = measuring.trials
    plans = await trials.extend([view])
    searches = [_search(trials, plan, limit) for plan in plans if can_run(trials.cell(plan.id))]
    ends_with_s = measuring.left_s - most_s
    while (probing := [search for search in searches if search.is_probing]) and measuring.left_s > ends_with_s:
        for search in probing:
            if measuring.left_s > ends_with_s:
                await measuring.search(search)
    for search in probing:
        search.narrow_no_more()
    return searches


def _search(trials: Trials, plan: CellPlan, limit: Limit) -> CellSearch:
    """Begun below what the side was seen to serve, and bounded by what it cannot."""
    cell = trials.cell(plan.id)
    seen_per_s = ceiling_per_s(trials, cell.label, None)
    seen = Ceiling(seen_per_s, "slots and CPU of one request alone, or of full use") if seen_per_s else None
    return CellSearch(
        msgspec.structs.replace(plan, rounds=ROUNDS),
        limit,
        min(filter(None, (seen, ceiling_of(plan, cell))), default=None),
        STEPS._replace(first_per_s=first_per_s(trials, cell.label)),
        WINDOWS,
    )

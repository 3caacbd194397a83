"""Whether a rate is beyond what a side can do: far above what it was seen to do."""

from collections.abc import Sequence

from harness.results.decision import ALONE, FULL, MOST
from harness.results.model import HighestRate
from harness.schedule.decide_cells import ceiling_per_s, in_view, measured
from harness.schedule.schedule import Trials
from harness.spoilers.rules.rate_limit import begun_most_per_s

BEYOND = 1.5
"""Rate ÷ the most, from which a side is not measured at it: it would only show how long the trial ran."""


def beyond_of(trials: Trials, sides: Sequence[str], rate_per_s: float) -> dict[str, float]:
    """Those of the sides that the rate is beyond → about the most that each can do."""
    most = {label: most_per_s(trials, label) for label in sides}
    return {label: known for label, known in most.items() if known is not None and rate_per_s > BEYOND * known}


def beyond_its_option(trials: Trials, rate_per_s: float) -> dict[str, float]:
    """The Celery side, where it has no figures and its `rate_limit` is far below the rate → what that lets begin."""
    alone = [cell for cell in in_view(trials, ALONE) if cell.side == "celery"]
    if not alone or any(cell.summary is not None for cell in alone):
        return {}
    most = begun_most_per_s(alone[0])
    return {alone[0].label: most} if most and rate_per_s > BEYOND * most else {}


def most_per_s(trials: Trials, label: str) -> float | None:
    """By the search: the lowest rate that did not hold; else what a pool served in full use; None if nothing is known.

    Of asyncio, which has no slots, and of a pool that was not in full use: what CPU and slots do not allow.
    """
    searched = [cell.highest_rate for cell in in_view(trials, MOST) if cell.label == label]
    if searched and (found := _by_search(searched[0])) is not None:
        return found
    full = measured(trials, FULL, label)
    if full is None or full.summary is None or full.side == "asyncio":
        return ceiling_per_s(trials, label, None)
    return full.summary.throughput_per_s


def _by_search(search: HighestRate | None) -> float | None:
    if search is None:
        return None
    held = max((probe.rate_per_s for probe in search.probes if probe.held), default=0.0)
    failed = [probe.rate_per_s for probe in search.probes if not probe.held and probe.rate_per_s > held]
    return min(failed) if failed else None

"""A trial is held against the bounds that no trial passes."""

import msgspec

from harness.accounting.physics import Bounds, broken_bounds, unaccounted
from harness.results.model import Trial
from harness.statistics import resource_doubts


def checked(trial: Trial, bounds: Bounds, ended: str | None) -> Trial:
    """`impossible`, with the bounds that it breaks, where it breaks any; with what is not accounted for as a doubt.

    `ended`: the process with which figures have gone, so that the trial has failed instead.
    """
    if trial.status != "measured":
        return trial
    trial = msgspec.structs.replace(
        trial, doubts=[*trial.doubts, *resource_doubts.of_unaccounted(unaccounted(trial, bounds))]
    )
    broken = "; ".join(broken_bounds(trial, bounds))
    status, error = ("failed", f"{ended}: {broken}") if ended else ("impossible", broken)
    return msgspec.structs.replace(trial, status=status, error=error) if broken else trial

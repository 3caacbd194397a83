"""The least warm-up of a trial: a time, or a number of requests."""

from typing import NamedTuple

from harness.errors import UsageError
from harness.statistics.units import SECONDS, quantity, whole_number

REQUESTS_MOST = 1_000_000
WITH_REQUESTS_S = 0.1
"""A warm-up that is given in requests lasts as long at the least."""


class WarmUp(NamedTuple):
    """Both have to have passed, and the load to be at rest, before a window opens."""

    seconds: float
    requests: int = 0


def warm_up(text: str | int, where: str) -> WarmUp:
    """`2s` or `500`; raises UsageError."""
    requests = whole_number(str(text), REQUESTS_MOST)
    if requests is not None:
        return WarmUp(WITH_REQUESTS_S, requests)
    seconds = quantity(str(text), SECONDS)
    if not seconds:
        raise UsageError(
            f"{where}: expected a duration above 0 with its unit, such as 500ms or 2s, or a number of requests "
            f"from 1 to {REQUESTS_MOST}; got {text!r}."
        )
    return WarmUp(seconds)

"""What a crash did to the requests of a trial, in the results document."""

from typing import Literal

import msgspec

from harness.results.base import Frozen

Promise = Literal["none", "at most once", "at least once", "at least once if told to end"]
"""What a contender with its settings says about each request that it has accepted."""


class Crash(Frozen, frozen=True, kw_only=True):
    """A trial in which a fault struck: what became of each request, by its id.

    `accepted` is the sum of `done`, `failed`, `lost` and `waiting`.
    """

    fault: str
    """What happened, such as `kill-worker`."""
    told: bool
    """Whether what was struck was told to end, so that it could end in order."""
    promise: Promise
    """What the contender says about such requests."""
    struck_at: int
    """How many requests had been accepted when the fault struck."""
    offered: int
    """Requests that were submitted, or about to be when their caller died."""
    refused: int
    """Those that could not be submitted, as their caller knows."""
    accepted: int
    """Those whose caller was told that they would be done."""
    done: int
    """Accepted, and the work was done at least once."""
    failed: int
    """Accepted, not done, and the caller was told that they failed."""
    lost: int
    """Accepted, not done, and nothing is left of them anywhere."""
    waiting: int
    """Accepted, not done, and still in the broker when the trial ended."""
    held: int = 0
    """Of these, how many only the visibility timeout brings back."""
    unanswered: int
    """Done, but no reply reached a caller that was still there, or the caller had died."""
    unaccepted: int
    """Begun, although the caller never heard that they were accepted."""
    repeated: int
    """Requests begun more than once, by what the processes that executed them noted."""
    repeated_seen: int | None = None
    """The same by what the origin counted; null where the work does not call it."""
    lost_ids: list[int] = msgspec.field(default_factory=list)
    """Numbers of the requests that were lost, at most 20."""
    failed_ids: list[int] = msgspec.field(default_factory=list)
    """Of those that failed, at most 20."""
    repeated_ids: list[int] = msgspec.field(default_factory=list)
    """Of those that were begun more than once, at most 20."""
    visibility_timeout_s: float | None = None
    """After which Redis gives unacknowledged messages out again; null on other brokers and without one."""
    next_reply_s: float | None = None
    """From the fault to the next reply; null if none came."""
    backlog_gone_s: float | None = None
    """From the fault until all that was open then had been done, of what was done in the end; null if nothing was
    accepted before it."""
    broken: str | None = None
    """How the promise was broken; null if it was kept."""
    last_lines: str = ""
    """What was struck wrote last, if the promise was broken."""

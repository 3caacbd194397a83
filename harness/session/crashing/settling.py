"""When nothing more happens to the requests of a trial: then what has not been done is lost, or waits."""

import asyncio
from collections.abc import Callable, Coroutine
from time import monotonic_ns
from typing import Any, NamedTuple

from harness.machine.clock import NS
from harness.recording.ledger import Entry, Event
from harness.services.brokers.broker import Left
from harness.session.crashing.target import longest_s

LOOK_S = 0.1
DONE_QUIET_S = 0.3
"""How long nothing may happen once all has been done and answered: until then some of it may be begun again."""
JOBS = 2.5
"""And so many times as long as the longest execution took, or as a job takes that none has ended of."""
SHORT_S = 30.0
"""A visibility timeout up to this is waited for."""
LIMIT_S = 30.0
"""Beyond the time that the load itself takes."""
NOTHING = Left(frozenset(), frozenset())


class Rules(NamedTuple):
    """What is expected of a trial."""

    offered: int
    """Requests that the load brings."""
    quiet_s: float
    """How long nothing may happen after what was struck was started again."""
    visibility_timeout_s: float | None
    limit_s: float
    """In all."""
    job_s: float = 0.0
    """What a job takes at the least; 0 where nobody knows."""


async def settled(
    rules: Rules, entries_of: Callable[[], list[Entry]], left_of: Callable[[], Coroutine[Any, Any, Left]]
) -> Left:
    """Wait until nothing more happens, or the limit; returns what is left in the broker then."""
    restored_ns = monotonic_ns()
    ends_ns = restored_ns + int(rules.limit_s * NS)
    while True:
        await asyncio.sleep(LOOK_S)
        entries = entries_of()
        last_ns = max([restored_ns, *(entry.at_ns for entry in entries[-1:])])
        quiet_s = (monotonic_ns() - last_ns) / NS
        over = monotonic_ns() > ends_ns
        if not over and quiet_s < _needed_s(rules, entries):
            continue
        left = await left_of()
        if over or (not left.ready and not _is_awaited(rules, left)):
            return left


def _needed_s(rules: Rules, entries: list[Entry]) -> float:
    """How long nothing may have happened."""
    noted: dict[Event, set[int]] = {event: set() for event in Event}
    for entry in entries:
        noted[entry.event].add(entry.number)
    told = noted[Event.REPLIED] | noted[Event.FAILED]
    known = noted[Event.ACCEPTED] | noted[Event.REFUSED]
    if len(known) >= rules.offered and noted[Event.ACCEPTED] <= told & noted[Event.ENDED]:
        return DONE_QUIET_S + longest_s(entries)
    return rules.quiet_s + JOBS * max(rules.job_s, longest_s(entries))


def _is_awaited(rules: Rules, left: Left) -> bool:
    """Whether what is held will soon be given out again."""
    return bool(left.held) and rules.visibility_timeout_s is not None and rules.visibility_timeout_s <= SHORT_S

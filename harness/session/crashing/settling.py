"""When nothing more happens to the requests of a trial: then what has not been done is lost, or waits."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from time import monotonic_ns
from typing import Any, NamedTuple

from harness.machine.clock import NS
from harness.recording.ledger import Entry, Event
from harness.services.brokers.broker import Left
from harness.session.crashing.executions import JOBS, done, longest_s, under_way

LOOK_S = 0.1
DONE_QUIET_S = 0.3
"""How long nothing may happen once all has been done and answered: until then some of it may be begun again."""
BETWEEN_S = 5.0
"""How long what was not done may be between two executions, at the most: tried again, or given to another worker."""
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
    """In all, beyond what the jobs take."""
    job_s: float = 0.0
    """What a job takes at the least; 0 where nobody knows."""
    waves: int = 1
    """How many jobs a slot does one after the other."""
    most_s: float = math.inf
    """Whatever the jobs take."""
    told_is_final: bool = False
    """Whether a request whose caller was told that it failed is over."""


class Settled(NamedTuple):
    """How a trial stands when it is over."""

    left: Left
    """What is in the broker."""
    under_way: list[int]
    """Requests that are still being executed and have never been done: the limit came first."""
    waited_s: float


async def settled(
    rules: Rules, entries_of: Callable[[], list[Entry]], left_of: Callable[[], Coroutine[Any, Any, Left]]
) -> Settled:
    """Wait until nothing more happens, or the limit.

    While a process that lives executes a request, also again, nothing is known of that one, however quiet it is. The
    broker is seldom asked: a quorum queue drops a message that was taken and given back twenty times.
    """
    restored_ns = looked_ns = monotonic_ns()
    while True:
        await asyncio.sleep(LOOK_S)
        entries, now_ns = entries_of(), monotonic_ns()
        last_ns = max([restored_ns, looked_ns, *(entry.at_ns for entry in entries[-1:])])
        waited_s, quiet_s = (now_ns - restored_ns) / NS, (now_ns - last_ns) / NS
        over = waited_s > _limit_s(rules, entries)
        going_on = under_way(entries, rules.job_s, now_ns)
        if not over and (going_on or quiet_s < _needed_s(rules, entries)):
            continue
        left = await left_of()
        if over or (not left.ready and not _is_awaited(rules, left)):
            return Settled(left, [number for number in going_on if number not in done(entries)], waited_s)
        looked_ns = monotonic_ns()


def _limit_s(rules: Rules, entries: list[Entry]) -> float:
    """It grows with what a job is seen to take."""
    return min(rules.most_s, rules.limit_s + (JOBS + rules.waves) * max(rules.job_s, longest_s(entries)))


def _needed_s(rules: Rules, entries: list[Entry]) -> float:
    """How long nothing may have happened."""
    noted: dict[Event, set[int]] = {event: set() for event in Event}
    for entry in entries:
        noted[entry.event].add(entry.number)
    told = noted[Event.REPLIED] | noted[Event.FAILED]
    known = noted[Event.ACCEPTED] | noted[Event.REFUSED]
    over = told & noted[Event.ENDED] | (noted[Event.FAILED] if rules.told_is_final else set())
    if len(known) >= rules.offered and noted[Event.ACCEPTED] <= over:
        return DONE_QUIET_S + longest_s(entries)
    return rules.quiet_s + min(BETWEEN_S, JOBS * max(rules.job_s, longest_s(entries)))


def _is_awaited(rules: Rules, left: Left) -> bool:
    """Whether what is held will soon be given out again."""
    return bool(left.held) and rules.visibility_timeout_s is not None and rules.visibility_timeout_s <= SHORT_S

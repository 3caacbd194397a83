"""What became of each request of a trial in which a fault struck: by id, from what was noted outside the processes.

Three witnesses: the ledger (callers and executing processes), the origin (what the service saw), the broker (what is
still there). What they say must fit, or the trial is impossible.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set

import msgspec

from harness.recording.ledger import Entry, Event
from harness.results.crashes import Crash, Promise

NS = 1_000_000_000
IDS_MOST = 20


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a trial once nothing more happens."""

    entries: list[Entry]
    struck_ns: int
    """When the fault struck."""
    begun: Mapping[int, int] | None = None
    """Number of a request → how often the origin saw it begin; None where the work does not call it."""
    ended: Mapping[int, int] | None = None
    """The same for the end of the work."""
    ready: Set[int] = frozenset()
    """Requests whose message waits in the queue."""
    held: Set[int] = frozenset()
    """Requests whose message was taken from the queue and not acknowledged, by nobody who still runs."""


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, and to whom."""

    fault: str
    told: bool
    promise: Promise
    visibility_timeout_s: float | None = None
    expires_s: float | None = None
    """After which a message is dropped by whoever takes it."""

    @property
    def comes_back(self) -> bool:
        """Whether what was taken and not acknowledged is executed once it is given out again."""
        if self.expires_s is None or self.visibility_timeout_s is None:
            return True
        return self.expires_s >= self.visibility_timeout_s


def crash_of(evidence: Evidence, struck: Struck) -> Crash:
    """The account of a trial."""
    noted = _by_event(evidence.entries)
    accepted = noted[Event.ACCEPTED]
    done = accepted & (noted[Event.ENDED] | (evidence.ended or {}).keys())
    failed = (accepted & noted[Event.FAILED]) - done
    held = evidence.held if struck.comes_back else frozenset()
    waiting = (accepted & (evidence.ready | held)) - done - failed
    lost = accepted - done - failed - waiting
    starts = Counter(entry.number for entry in evidence.entries if entry.event is Event.STARTED)
    repeated = {number for number, times in starts.items() if times > 1}
    seen = None if evidence.begun is None else {number for number, times in evidence.begun.items() if times > 1}
    counts = seen if seen is not None else repeated
    return Crash(
        fault=struck.fault,
        told=struck.told,
        promise=struck.promise,
        struck_at=sum(e.event is Event.ACCEPTED and e.at_ns <= evidence.struck_ns for e in evidence.entries),
        offered=len(noted[Event.OFFERED]),
        refused=len(noted[Event.REFUSED]),
        accepted=len(accepted),
        done=len(done),
        failed=len(failed),
        lost=len(lost),
        waiting=len(waiting),
        held=len(waiting & held),
        unanswered=len(done - noted[Event.REPLIED]),
        unaccepted=len(noted[Event.STARTED] - accepted),
        repeated=len(repeated),
        repeated_seen=None if seen is None else len(seen),
        lost_ids=_some(lost),
        failed_ids=_some(failed),
        repeated_ids=_some(counts),
        visibility_timeout_s=struck.visibility_timeout_s,
        next_reply_s=_after(evidence, Event.REPLIED),
        backlog_gone_s=_backlog_gone_s(evidence, done),
        broken=broken(struck, lost=_some(lost), failed=_some(failed), repeated=_some(counts)),
    )


def broken(struck: Struck, *, lost: list[int], failed: list[int], repeated: list[int]) -> str | None:
    """How that promise was broken; None if it was kept. `failed`: not done, although the caller was told."""
    promise = struck.promise
    if promise == "at most once" and repeated:
        return f"at most once, but {_listed(repeated)} begun more than once"
    due = promise == "at least once" or (promise == "at least once if told to end" and struck.told)
    ways = [f"{_listed(ids)} {what}" for ids, what in ((lost, "lost"), (failed, "failed and not tried again")) if ids]
    return f"{promise}, but {' and '.join(ways)}" if due and ways else None


def contradictions(evidence: Evidence, crash: Crash) -> list[str]:
    """Where the witnesses contradict each other, or the account does not add up: then none of it is to be believed."""
    noted = _by_event(evidence.entries)
    found = []
    parts = crash.done + crash.failed + crash.lost + crash.waiting
    if parts != crash.accepted:
        found.append(f"{crash.accepted} requests were accepted, but {parts} are accounted for")
    if strange := noted[Event.ACCEPTED] - noted[Event.OFFERED]:
        found.append(f"accepted, but never submitted: {_listed(_some(strange))}")
    if strange := noted[Event.STARTED] - noted[Event.OFFERED]:
        found.append(f"executed, but never submitted: {_listed(_some(strange))}")
    if strange := noted[Event.REPLIED] - noted[Event.ENDED]:
        found.append(f"answered, but no process has noted the end of the work: {_listed(_some(strange))}")
    if evidence.begun is not None and evidence.ended is not None:
        found += _against_origin(evidence, evidence.begun, evidence.ended, noted)
    return found


def _against_origin(
    evidence: Evidence, begun: Mapping[int, int], ended: Mapping[int, int], noted: Mapping[Event, Set[int]]
) -> list[str]:
    """What the origin saw against what the executing processes noted, right before and right after."""
    starts = Counter(entry.number for entry in evidence.entries if entry.event is Event.STARTED)
    found = []
    if more := {number for number, times in begun.items() if times > starts[number]}:
        found.append(f"the origin saw more executions than were noted: {_listed(_some(more))}")
    if unseen := noted[Event.ENDED] - ended.keys():
        found.append(f"noted as done, but the origin saw no end: {_listed(_some(unseen))}")
    if unbegun := ended.keys() - begun.keys():
        found.append(f"the origin saw the end, but no begin: {_listed(_some(unbegun))}")
    return found


def _by_event(entries: Iterable[Entry]) -> dict[Event, set[int]]:
    noted: dict[Event, set[int]] = {event: set() for event in Event}
    for entry in entries:
        noted[entry.event].add(entry.number)
    return noted


def _after(evidence: Evidence, event: Event) -> float | None:
    """Seconds from the fault to the next event of that kind."""
    times = [
        e.at_ns - evidence.struck_ns for e in evidence.entries if e.event is event and e.at_ns > evidence.struck_ns
    ]
    return min(times) / NS if times else None


def _backlog_gone_s(evidence: Evidence, done: Set[int]) -> float | None:
    """From the fault until what was open then had been done, of what was done in the end."""
    moments = [(e.at_ns, e.number, e.event) for e in evidence.entries if e.number in done]
    accepted_ns = {number: at_ns for at_ns, number, event in moments if event is Event.ACCEPTED}
    ended_ns: dict[int, int] = {}
    for at_ns, number, event in moments:
        if event is Event.ENDED:
            ended_ns.setdefault(number, at_ns)
    before = [number for number, at_ns in accepted_ns.items() if at_ns <= evidence.struck_ns]
    open_then = [number for number in before if ended_ns.get(number, 0) > evidence.struck_ns]
    if not open_then:
        return 0.0 if before else None
    return (max(ended_ns[number] for number in open_then) - evidence.struck_ns) / NS


def _some(numbers: Iterable[int]) -> list[int]:
    return sorted(numbers)[:IDS_MOST]


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) + (" …" if len(numbers) == IDS_MOST else "")

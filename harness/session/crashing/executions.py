"""What processes are executing, by the ledger: how long it takes, and whether its process still lives."""

import psutil

from harness.machine.clock import NS
from harness.recording.ledger import Entry, Event

JOBS = 2.5
"""So many times as long as the longest execution took, or as a job takes: one that takes longer hangs."""


def executing(entries: list[Entry]) -> list[Entry]:
    """The begin of each execution that has not ended, copies of the same request included, the oldest first."""
    begun: dict[tuple[int, int], Entry] = {}
    for entry in entries:
        if entry.event is Event.STARTED:
            begun[entry.number, entry.pid] = entry
        elif entry.event is Event.ENDED:
            begun.pop((entry.number, entry.pid), None)
        elif entry.event is Event.FAILED:  # noted by its caller
            for key in [key for key in begun if key[0] == entry.number]:
                del begun[key]
    return sorted(begun.values(), key=lambda entry: entry.at_ns)


def longest_s(entries: list[Entry]) -> float:
    """Of the executions that ended."""
    begun: dict[int, int] = {}
    longest = 0
    for entry in entries:
        if entry.event is Event.STARTED:
            begun[entry.number] = entry.at_ns
        elif entry.event is Event.ENDED and entry.number in begun:
            longest = max(longest, entry.at_ns - begun[entry.number])
    return longest / NS


def done(entries: list[Entry]) -> set[int]:
    """Requests whose work was done at least once."""
    return {entry.number for entry in entries if entry.event is Event.ENDED}


def under_way(entries: list[Entry], job_s: float, now_ns: int) -> list[int]:
    """Requests that a process which lives is executing, also again, unless it hangs. `job_s`: 0 where nobody knows."""
    most_s = JOBS * max(job_s, longest_s(entries))
    young = [entry for entry in executing(entries) if not most_s or now_ns - entry.at_ns < most_s * NS]
    alive = {pid for pid in {entry.pid for entry in young} if lives(pid)}
    return [entry.number for entry in young if entry.pid in alive]


def lives(pid: int) -> bool:
    """Whether that process runs: one that has ended and that nobody has asked about does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

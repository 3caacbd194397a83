"""Whether others disturbed a trial, so that it is worth another one. Pure."""

from typing import NamedTuple

from harness.results.model import Doubt, Machine, Trial
from harness.statistics.units import percent

FROZEN_LEAST_S, FROZEN_SHARE_MOST = 0.1, 0.05
"""The longest standstill of the machine that is no doubt: in seconds, and as a share of the window."""
STILL_LEAST_S = 0.5
"""That of a driver, and of all replies."""
REPLIES_APART, LATENCIES_APART = 10, 3
"""Nor is a pause that replies as rare, or as slow, as those of the trial may come to."""
DISTURBING = ("noisy-machine", "throttled", "frozen", "foreign-work", "process-lost")
"""Doubts that are about others: another trial may be without them."""


class Seen(NamedTuple):
    """What a trial shows of a standstill."""

    driver_s: float = 0.0
    """The longest time for which the driver's event loop did not run."""
    pause_s: float = 0.0
    """The longest time between two replies."""
    replies: int = 0
    latency_s: float = 0.0
    """Of the mean reply."""
    stopped: int = 0
    """How often a signal stopped workers, which went on."""


def of_standstill(machine: Machine | None, seconds: float, seen: Seen) -> list[Doubt]:
    """Doubts if nothing ran, or nothing was answered, for a good part of the window of so many seconds."""
    frozen_s = (machine.frozen_s or 0.0) if machine is not None else 0.0
    if frozen_s > max(FROZEN_LEAST_S, FROZEN_SHARE_MOST * seconds):
        return [_frozen(f"the machine stood still, or others kept all of it, {_for_more_than(FROZEN_LEAST_S)}")]
    if seen.stopped:
        return [_frozen("a signal stopped workers (SIGSTOP), which then went on")]
    usual_s = max(REPLIES_APART * seconds / max(1, seen.replies), LATENCIES_APART * seen.latency_s)
    most_s = max(STILL_LEAST_S, FROZEN_SHARE_MOST * seconds)
    if seen.driver_s > most_s:
        return [_frozen(f"the driver did not run {_for_more_than(STILL_LEAST_S)}")]
    if seen.pause_s > max(most_s, usual_s):
        still = "nothing was answered, as if workers, broker or origin stood still,"
        return [_frozen(f"{still} {_for_more_than(STILL_LEAST_S)}")]
    return []


def _for_more_than(least_s: float) -> str:
    return f"for more than {1000 * least_s:g} ms and {percent(FROZEN_SHARE_MOST)} of the window"


def _frozen(what: str) -> Doubt:
    return Doubt(
        kind="frozen",
        text=what,
        advice="stop other processes; on a virtual machine, look for pauses and snapshots",
    )


def of_foreign_work(waiting: int, executed: int) -> list[Doubt]:
    """The doubt if messages waited in the trial's queue, or workers executed tasks, that are not the trial's."""
    if not waiting and not executed:
        return []
    return [
        Doubt(
            kind="foreign-work",
            text=f"workers executed {executed} tasks of others, and {waiting} messages of others waited in its queue",
            advice="let no one else use this run's workers and queues; workbench fleet shows who has leased what",
        )
    ]


def of_lost_processes(ended: int) -> list[Doubt]:
    """The doubt if so many processes of the workers' pools ended without having been asked to."""
    if not ended:
        return []
    lost = "a process of a worker's pool ended" if ended == 1 else f"{ended} processes of workers' pools ended"
    return [
        Doubt(
            kind="process-lost",
            text=f"{lost}, and its slot was missing until another one had started",
            advice="find out what ended it: the worker's log has its exit status or signal",
        )
    ]


def disturbance(trial: Trial) -> str | None:
    """How others disturbed a trial; None where they did not, or where it has faults that are not theirs."""
    if trial.status not in ("measured", "impossible") or any(doubt.kind == "not-all-ok" for doubt in trial.doubts):
        return None
    kinds = [doubt.kind for doubt in trial.doubts if doubt.kind in DISTURBING]
    if not kinds:
        return None
    return ", ".join(kinds) + ("" if trial.machine is None else f" ({_seen(trial.machine)})")


def _seen(machine: Machine) -> str:
    """In figures."""
    capacity_s = machine.seconds * machine.cpus
    others, hypervisor = percent(machine.others_cpu_s / capacity_s), percent(machine.steal_s / capacity_s, 1)
    seen = f"others {others}, hypervisor {hypervisor} of the cores"
    return seen if machine.frozen_s is None else f"{seen}; longest standstill {1000 * machine.frozen_s:.0f} ms"

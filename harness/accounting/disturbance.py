"""Whether others disturbed a trial, so that it is worth another one. Pure."""

from harness.results.model import Doubt, Machine, Trial

FROZEN_LEAST_S, FROZEN_SHARE_MOST = 0.1, 0.05
"""The longest standstill that is no doubt: in seconds, and as a share of the window."""
DISTURBING = ("noisy-machine", "throttled", "frozen")
"""Doubts that are about others: another trial may be without them."""


def of_standstill(machine: Machine | None) -> list[Doubt]:
    """Doubts if nothing ran for a good part of the window."""
    if machine is None or machine.frozen_s is None:
        return []
    if machine.frozen_s <= max(FROZEN_LEAST_S, FROZEN_SHARE_MOST * machine.seconds):
        return []
    return [
        Doubt(
            kind="frozen",
            text=f"the machine stood still, or others kept all of it, for more than {1000 * FROZEN_LEAST_S:g} ms and "
            f"{FROZEN_SHARE_MOST:.0%} of the window",
            advice="stop other processes; on a virtual machine, look for pauses and snapshots",
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
    seen = f"others {machine.others_cpu_s / capacity_s:.0%}, hypervisor {machine.steal_s / capacity_s:.1%} of the cores"
    return seen if machine.frozen_s is None else f"{seen}; longest standstill {1000 * machine.frozen_s:.0f} ms"

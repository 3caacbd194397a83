"""Names what limited a trial, from how busy each role was."""

from harness.model import Stages, Usage, Usages

BUSY = 0.9
"""A process that used this share of a core, or slots occupied for this share of the time, had no more to give."""


def cores(usage: Usage | None) -> float:
    """Cores that a role kept busy; 0 where it is not known."""
    return usage.cpu_s / usage.seconds if usage and usage.seconds > 0 else 0.0


def occupancy(throughput_per_s: float, slots: int | None, stages: Stages | None) -> float | None:
    """Share of the slots that were executing: Little's law, throughput × time in service ÷ slots."""
    if slots is None or stages is None:
        return None
    return throughput_per_s * stages.execution.mean / 1000 / slots


def bottleneck(
    throughput_per_s: float, slots: int | None, stages: Stages | None, usage: Usages, cpus: int
) -> str | None:
    """What limited the throughput, or None where nothing shows it.

    Single-threaded roles first, each by its own core; then the machine as a whole; then the slots.
    """
    if cores(usage.driver) >= BUSY:
        return "driver"
    if usage.origin and cores(usage.origin) >= BUSY * usage.origin.processes:
        return "origin"
    if cores(usage.broker) >= BUSY:
        return "broker"
    if _main_cores(usage.workers) >= BUSY:
        return "worker main process"
    if sum(cores(role) for role in (usage.driver, usage.workers, usage.broker, usage.origin)) >= BUSY * cpus:
        return "machine"
    if (occupancy(throughput_per_s, slots, stages) or 0.0) >= BUSY:
        return "slots"
    return None


def _main_cores(workers: Usage | None) -> float:
    if workers is None or workers.main_cpu_s is None or workers.seconds <= 0:
        return 0.0
    return workers.main_cpu_s / workers.seconds

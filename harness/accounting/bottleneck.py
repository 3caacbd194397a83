"""Names what limited a trial, from how busy each role was."""

from harness.results.model import Stages, Usage, Usages

BUSY = 0.9
"""A process that used this share of a core, or slots occupied for this share of the time, had no more to give."""


def cores(usage: Usage | None) -> float:
    """Cores that a role kept busy; 0 where it is not known."""
    return _cores(usage, usage.cpu_s) if usage else 0.0


def busiest_core(usage: Usage | None) -> float:
    """How busy the busiest process of a role kept its core, where each is a single thread: drivers, Redis."""
    return _cores(usage, usage.cpu_s if usage.busiest_cpu_s is None else usage.busiest_cpu_s) if usage else 0.0


def _cores(usage: Usage | None, cpu_s: float | None) -> float:
    return cpu_s / usage.seconds if usage and usage.seconds > 0 and cpu_s is not None else 0.0


def occupancy(throughput_per_s: float, slots: int | None, stages: Stages | None) -> float | None:
    """Share of the slots that were executing: Little's law, throughput × time in service ÷ slots."""
    if slots is None or stages is None or stages.execution is None:
        return None
    return throughput_per_s * stages.execution.mean / 1000 / slots


def bottleneck(
    throughput_per_s: float, slots: int | None, stages: Stages | None, usage: Usages, cpus: int
) -> str | None:
    """What limited the throughput, or None where nothing shows it.

    Single-threaded roles first, each by its own core; then the machine as a whole; then the slots.
    """
    workers, origin = usage.workers, usage.origin
    roles = (usage.driver, workers, usage.broker, origin)
    busy = {
        "driver": busiest_core(usage.driver),
        "origin": _cores(origin, origin.busiest_cpu_s) if origin else 0.0,
        "broker": busiest_core(usage.broker),
        "worker main process": _cores(workers, workers.main_cpu_s) if workers else 0.0,
        "worker children": _children_cores(workers) if workers else 0.0,
        "machine": sum(cores(role) for role in roles) / cpus,
        "slots": occupancy(throughput_per_s, slots, stages) or 0.0,
    }
    return next((limit for limit, share in busy.items() if share >= BUSY), None)


def _children_cores(workers: Usage) -> float:
    """Cores that each child kept busy, on average."""
    children = workers.processes - 1
    if children < 1 or workers.main_cpu_s is None:
        return 0.0
    return _cores(workers, workers.cpu_s - workers.main_cpu_s) / children

"""What a request costs on one contender, read from its rows alone and in full use."""

from collections.abc import Sequence

from harness.accounting.bottleneck import SLOTS, UNCLEAR
from harness.results.model import Cell, Latency, Stages, Trial, Usage
from harness.statistics.sizing.costs import Costs


def costs_of(alone: Cell, full: Cell, services_s: Sequence[float], *, of_alone: bool = False) -> Costs | None:
    """By a request alone and by the contender in full use; None where a figure is missing.

    `services_s`: execution times that were seen; `of_alone`: whether of requests alone. A contender with more processes
    than slots has one for each.
    """
    trial, single = _measured(full), _measured(alone)
    if trial is None or single is None or not services_s or single.latency_ms is None:
        return None
    executing = trial.usage.driver if full.side == "asyncio" else trial.usage.workers
    served = _served(trial)
    if executing is None or not executing.cpu_s or not served:
        return None
    forks = full.slots is not None and executing.processes > full.slots
    cpu_s = _each_s(executing, executing.cpu_s, served)
    executed_s = sum(services_s) / len(services_s)
    taken = _with_overhead(services_s, executed_s, full, trial)
    main_s = _each_s(executing, executing.main_cpu_s, served)
    callers = trial.usage.driver if full.side != "asyncio" else None
    return Costs(
        contender=full.contender,
        side=full.side,
        services_s=taken,
        outside_s=max(0.0, _outside_s(single.latency_ms, single.stages_ms, executed_s)),
        core_s=main_s if forks and main_s else cpu_s,
        cpu_s=cpu_s,
        caller_s=_each_s(callers, callers.cpu_s if callers else None, served),
        broker_s=_each_s(trial.usage.broker, trial.usage.broker.cpu_s if trial.usage.broker else None, served),
        broker_calls=trial.redis_commands,
        process_mb=(executing.memory_mb or 0.0) / max(1, executing.processes),
        forks=forks,
        unhindered=of_alone and not forks and not _slots_tell(full, trial),
    )


def _measured(cell: Cell) -> Trial | None:
    return next((trial for trial in reversed(cell.trials) if trial.status == "measured"), None)


def _served(trial: Trial) -> float:
    """Good replies a second."""
    return trial.throughput_per_s or 0.0


def _each_s(usage: Usage | None, cpu_s: float | None, per_s: float) -> float:
    """CPU-seconds of a request; 0 where it is not known."""
    return cpu_s / usage.seconds / per_s if usage is not None and cpu_s and usage.seconds > 0 else 0.0


def _outside_s(latency: Latency, stages: Stages | None, executed_s: float) -> float:
    """What a request alone takes beyond its execution: by the middle of both, else by the means of both.

    A pause moves a mean, and not the middle. The middle of drawn times is not their mean: one of each tells nothing.
    """
    execution = stages.execution if stages is not None else None
    if execution is None:
        return latency.mean / 1000 - executed_s
    if latency.p50 is None or execution.p50 is None:
        return (latency.mean - execution.mean) / 1000
    return (latency.p50 - execution.p50) / 1000


def _with_overhead(services_s: Sequence[float], executed_s: float, full: Cell, trial: Trial) -> list[float]:
    """Execution times, with that for which a slot is also taken.

    As seen where slots were the limit, or where nothing was and requests waited for one; else as of a backlog of the
    same contender.
    """
    overhead_ms = full.summary.slot_overhead_ms if full.summary is not None else None
    extra_s = (overhead_ms or 0.0) / 1000
    if full.slots is not None and trial.throughput_per_s and _slots_tell(full, trial):
        extra_s = max(0.0, full.slots / trial.throughput_per_s - executed_s)
    return [service_s + extra_s for service_s in services_s]


def _slots_tell(full: Cell, trial: Trial) -> bool:
    """Whether its throughput says for how long a slot is taken."""
    return full.slots is not None and trial.bottleneck in (SLOTS, UNCLEAR) and bool(trial.throughput_per_s)

"""Turns a driver's recording and the roles' readings into a trial, and trials into a cell's summary."""

from collections import Counter
from collections.abc import Iterable
from statistics import geometric_mean

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.accounting.bottleneck import bottleneck
from harness.driver.messages import Recording
from harness.loads.load import Load, LoadFigures
from harness.machine.usage import MachineReading, Reading
from harness.recording.fold import Fold
from harness.recording.histograms import merge, summarise
from harness.recording.reconciliation import reconcile
from harness.results.model import Failure, Latency, Machine, Served, Settings, Summary, Trial, Usage, Usages
from harness.statistics import doubts
from harness.statistics.intervals import log_interval
from harness.statistics.metrics import memory_mb

PERCENTILES = ("mean", "p50", "p90", "p99")


class RoleReadings(msgspec.Struct):
    """What the session read of the other roles: role → first and last reading; role → why there is none."""

    pairs: dict[str, tuple[Reading, Reading]] = {}
    between: dict[str, Reading] = {}
    """Between the two parts of a load that has two."""
    missing: dict[str, str] = {}
    machine: tuple[MachineReading, MachineReading] | None = None
    apart: frozenset[str] = frozenset()
    """Roles that are no part of this process's tree: their CPU time is not that of others who use the machine."""


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """What a contender costs with a no-op, in ms: alone, and its slots for each of a backlog."""

    latency_ms: float | None = None
    slot_overhead_ms: float | None = None


def usage_between(first: Reading, last: Reading) -> Usage:
    """A role's usage between two readings, over its own interval."""
    each = [cpu_s - first.cpu_each.get(pid, 0.0) for pid, cpu_s in last.cpu_each.items()]
    return Usage(
        cpu_s=max(0.0, last.cpu_s - first.cpu_s),
        seconds=(last.at_ns - first.at_ns) / 1e9,
        memory_mb=last.memory_mb,
        memory_kind=last.memory_kind,
        processes=last.processes,
        main_cpu_s=max(0.0, last.main_cpu_s - first.main_cpu_s),
        busiest_cpu_s=max(each) if each else None,
        connections=last.connections,
    )


def served_between(first: Reading, last: Reading) -> Served | None:
    """What the origin served between two readings, as it counted and timed itself; None where it does not."""
    if first.count is None or last.count is None:
        return None
    requests = last.count - first.count
    busy_s = last.busy_s - first.busy_s if last.busy_s is not None and first.busy_s is not None else None
    return Served(
        requests=requests,
        seconds=(last.at_ns - first.at_ns) / 1e9,
        mean_ms=1000 * busy_s / requests if busy_s is not None and requests else None,
    )


def machine_between(first: MachineReading, last: MachineReading, cpus: int, apart_cpu_s: float = 0.0) -> Machine:
    """What the machine did between two readings, beside this run's own processes and `apart_cpu_s` of its roles."""
    return Machine(
        seconds=(last.at_ns - first.at_ns) / 1e9,
        cpus=cpus,
        others_cpu_s=max(0.0, (last.busy_s - first.busy_s) - (last.own_s - first.own_s) - apart_cpu_s),
        steal_s=max(0.0, last.steal_s - first.steal_s),
    )


def trial_of(
    *,
    round_number: int,
    order: int,
    load: Load,
    recording: Recording,
    fold: Fold,
    readings: RoleReadings,
    executed: NDArray[np.int64] | None,
    slots: int | None,
    cpus: int,
    one_execution: bool = True,
    several: bool = False,
) -> Trial:
    """The trial, from all that is known of it; `executed` is what the workers say of it, None where they do not.

    `one_execution`: whether each request is executed once, and holds a slot meanwhile; `several`: whether the workers
    do it in several executions, each of which takes a slot.
    """
    counts = fold.counts
    reconciled = reconcile(fold.endings, fold.ended_twice, executed, each=one_execution)
    slots = slots if one_execution and not several else None
    status, error = recording.status, recording.error
    if status == "measured" and reconciled.fault is not None:
        status, error = "failed", reconciled.fault
    if status == "measured" and not counts.submitted:
        status, error = "failed", "no request was due in the window: measure longer than a request takes (--duration)"
    figures = load.figures(fold, recording.marks, slots)
    usage = _usages(recording, readings)
    stages = fold.stages()
    throughput = figures.throughput_per_s
    limit = (
        bottleneck(throughput, slots, stages, _second_part(usage, recording, readings), cpus) if throughput else None
    )
    not_ok = counts.wrong + counts.failed + counts.lost
    in_virtual_time = recording.driver is None
    apart = [pair for role, pair in readings.pairs.items() if role in readings.apart]
    if "driver" in readings.apart and recording.driver is not None:
        apart.append(recording.driver)
    apart_cpu_s = sum(last.cpu_s - first.cpu_s for first, last in apart)
    machine = (
        machine_between(*readings.machine, cpus, apart_cpu_s) if readings.machine and not in_virtual_time else None
    )
    origin = readings.pairs.get("origin")
    return Trial(
        round=round_number,
        order=order,
        status=status,  # type: ignore[arg-type]  # one of three, by the protocol
        error=error,
        seconds=fold.seconds,
        submitted=counts.submitted,
        ok=counts.ok,
        wrong=counts.wrong,
        failed=counts.failed,
        lost=counts.lost,
        duplicates=reconciled.duplicates,
        executions=reconciled.executions,
        throughput_per_s=throughput,
        publish_per_s=figures.publish_per_s,
        sustained_per_s=figures.sustained_per_s,
        makespan_ms=figures.makespan_ms,
        slot_overhead_ms=figures.slot_overhead_ms,
        cpu_s_per_1000=_cpu_s_per_1000(usage, figures),
        latency_ms=fold.latency("latency"),
        uncorrected_ms=fold.latency("uncorrected"),
        stages_ms=stages,
        usage=usage,
        machine=machine,
        served=served_between(*origin) if origin else None,
        loop_lag_ms=recording.loop_lag,
        timeline=fold.timeline(),
        failures=[Failure(kind=kind, count=n, example=text) for kind, (n, text) in recording.failures.items()],
        bottleneck=limit,
        doubts=[
            *doubts.of_requests(not_ok + fold.outside_not_ok, reconciled.duplicates),
            *doubts.of_bottleneck(limit),
            *figures.doubts,
            *doubts.of_several(several),
            *doubts.of_clocks(recording.clocks_comparable, recording.debug),
            *doubts.of_machine(machine),
        ],
        histograms=fold.encoded(),
    )


def _usages(recording: Recording, readings: RoleReadings) -> Usages:
    roles = {role: usage_between(*pair) for role, pair in readings.pairs.items()}
    if recording.driver is None:
        missing = readings.missing | {"driver": "no measured window, or one in virtual time"}
        return Usages(missing=missing, **roles)
    return Usages(driver=usage_between(*recording.driver), missing=readings.missing, **roles)


def _second_part(usage: Usages, recording: Recording, readings: RoleReadings) -> Usages:
    """Usage in the part of a load that its throughput is about: all of it, where it has one part only."""
    if recording.driver is None or recording.driver_between is None:
        return usage
    roles = {
        role: usage_between(readings.between[role], last)
        for role, (_, last) in readings.pairs.items()
        if role in readings.between
    }
    return msgspec.structs.replace(usage, **roles, driver=usage_between(recording.driver_between, recording.driver[1]))


def _cpu_s_per_1000(usage: Usages, figures: LoadFigures) -> float | None:
    """CPU-seconds of driver, workers and broker per 1,000 good replies; None where a role's usage is missing.

    In a steady window each role's rate over its own interval, divided by the throughput; else what each used
    for all. The origin is left out: it is what both sides wait for, and its cost is the same for both.
    """
    if usage.driver is None or usage.missing.keys() & {"workers", "broker"}:
        return None
    roles = [role for role in (usage.driver, usage.workers, usage.broker) if role is not None and role.seconds > 0]
    if figures.completed is not None:
        return 1000 * sum(role.cpu_s for role in roles) / figures.completed if figures.completed else None
    if not figures.throughput_per_s:
        return None
    return 1000 * sum(role.cpu_s / role.seconds for role in roles) / figures.throughput_per_s


def failed_trial(round_number: int, order: int, error: str) -> Trial:
    """A trial of which nothing is known but why."""
    return Trial(
        round=round_number,
        order=order,
        status="failed",
        error=error,
        seconds=0.0,
        submitted=0,
        ok=0,
        wrong=0,
        failed=0,
        lost=0,
        duplicates=None,
        executions=None,
        throughput_per_s=None,
        latency_ms=None,
        uncorrected_ms=None,
        stages_ms=None,
        usage=Usages(),
        loop_lag_ms=None,
        bottleneck=None,
        doubts=[],
        histograms={},
    )


def summary_of(
    trials: list[Trial], ceiling_per_s: float | None, settings: Settings, floor: Floor, *, is_floor: bool
) -> Summary | None:
    """A cell over its measured trials; None where there is none with a good reply."""
    measured = [trial for trial in trials if trial.status == "measured" and trial.throughput_per_s and trial.latency_ms]
    if not measured:
        return None
    rates = _known(trial.throughput_per_s for trial in measured)
    centre, interval = geometric_mean(rates), log_interval(rates)
    latencies = [trial.latency_ms for trial in measured if trial.latency_ms]
    costs = _known(trial.cpu_s_per_1000 for trial in measured)
    memories = _known(memory_mb(trial) for trial in measured)
    limits = [trial.bottleneck for trial in measured]
    latency = _latency(measured)
    return Summary(
        trials=len(measured),
        throughput_per_s=centre,
        throughput_ci95=interval,
        percent_of_ceiling=100 * centre / ceiling_per_s if ceiling_per_s else None,
        latency_ms=latency,
        latency_ci95_ms={name: _interval([getattr(one, name) for one in latencies]) for name in PERCENTILES},
        stages_ms=_stage_means(measured),
        publish_per_s=_mean(trial.publish_per_s for trial in measured),
        sustained_per_s=_mean(trial.sustained_per_s for trial in measured),
        makespan_ms=_makespan(measured),
        cpu_s_per_1000=sum(costs) / len(costs) if len(costs) == len(measured) else None,
        memory_mb=max(memories) if memories else None,
        floor_ms=floor.latency_ms,
        slot_overhead_ms=floor.slot_overhead_ms,
        bottleneck=Counter(limits).most_common(1)[0][0],
        doubts=[
            *doubts.each_kind_once(measured),
            *doubts.of_settings(settings),
            *doubts.of_floor(floor.latency_ms, latency.mean, is_floor),
            *doubts.of_rounds(len(measured), centre, interval),
        ],
    )


def _latency(trials: list[Trial]) -> Latency:
    """Percentiles of the merged histograms; the mean of all requests."""
    parts = [(trial.ok, trial.latency_ms) for trial in trials if trial.latency_ms]
    return summarise(
        merge([trial.histograms["latency"] for trial in trials]),
        mean_ms=sum(ok * latency.mean for ok, latency in parts) / max(1, sum(ok for ok, _ in parts)),
        min_ms=min(latency.min for _, latency in parts),
        max_ms=max(latency.max for _, latency in parts),
    )


def _stage_means(trials: list[Trial]) -> dict[str, float]:
    """Mean of each stage over all requests; nothing where the trials do not have the same stages."""
    weights = [trial.ok for trial in trials]
    chains = [msgspec.to_builtins(trial.stages_ms) for trial in trials if trial.stages_ms]
    names = [name for name, stage in chains[0].items() if stage is not None] if len(chains) == len(trials) else []
    if any(chain[name] is None for chain in chains for name in names):
        return {}
    return {
        name: sum(ok * chain[name]["mean"] for ok, chain in zip(weights, chains, strict=True)) / max(1, sum(weights))
        for name in names
    }


def _makespan(trials: list[Trial]) -> dict[str, float | None] | None:
    """Each part's geometric mean over the trials; None where one of them never got there."""
    spans = [trial.makespan_ms for trial in trials if trial.makespan_ms]
    if not spans:
        return None
    return {name: _mean(span[name] for span in spans) for name in spans[0]}


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _mean(values: Iterable[float | None]) -> float | None:
    """Geometric mean; None where one is missing."""
    every = list(values)
    return geometric_mean(_known(every)) if every and all(every) else None


def _interval(values: list[float | None]) -> tuple[float, float] | None:
    return log_interval(_known(values)) if all(values) else None

"""From a driver's recording and the roles' readings to a trial."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.accounting import event_loop
from harness.accounting.bottleneck import OF_ROLES, Facts, bottleneck, cores
from harness.accounting.checking import checked
from harness.accounting.conditions import TrialConditions
from harness.accounting.disturbance import Seen, of_standstill
from harness.accounting.exact_costs import exact_costs
from harness.accounting.lacking import of_lacking
from harness.accounting.physics import Bounds, chance_of
from harness.accounting.surges import with_memory
from harness.accounting.usage import (
    RoleReadings,
    cpu_s_per_1000,
    elsewhere_of,
    evicted_between,
    machine_of,
    processes_ended,
    quotas_of,
    second_part,
    served_between,
    started_again,
    stops_between,
    usages_of,
)
from harness.driver.messages import Recording
from harness.loads.load import Load, LoadFigures
from harness.recording.folded import Folded
from harness.recording.reconciliation import Reconciled, reconcile, unanswered
from harness.results.model import Doubt, Failure, Machine, Trial, Usages
from harness.results.trials import PUBLISHED
from harness.statistics import doubts, load_doubts, resource_doubts
from workloads.workload import PartFigures

STARTED_AGAIN = "{} ended and started again during the measured window, with what was there in memory lost"
EVICTED = (
    "the broker dropped {:,} keys for want of memory, and with them tasks or results: give it more, or set its "
    "maxmemory-policy to noeviction"
)
NOTHING_DUE = "no request was due in the window: measure longer than a request takes (--duration)"


class TrialRecords(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a trial: of its drivers together, of its requests, of the other roles."""

    recording: Recording
    fold: Folded
    readings: RoleReadings = RoleReadings()
    parts: dict[str, PartFigures] = {}
    """Kind of job → what became of it, where the workload has several."""
    executed: NDArray[np.int64] | None = None
    """The number of each request that the workers executed, as often as they did; None where they do not say."""
    held: int = 0
    """Tasks that the workers had taken and not ended when they said so."""

    def started_again(self, *roles: str) -> str | None:
        """Which of these roles, or of all, was started again within the window, in a sentence; None if none was."""
        pairs = self.readings.pairs
        again = started_again({role: pairs[role] for role in roles or pairs if role in pairs})
        return STARTED_AGAIN.format(" and ".join(again)) if again else None


def trial_of(round_number: int, order: int, conditions: TrialConditions, records: TrialRecords) -> Trial:
    """The trial: what became of its requests, what it took to serve them, what limited it, how far to trust it."""
    recording, readings, in_driver = records.recording, records.readings, conditions.in_driver
    trial = _of_requests(round_number, order, conditions, records)
    figures = conditions.load.figures(records.fold, recording.marks, conditions.held_slots)
    usage = usages_of(recording, readings)
    machine = machine_of(recording, readings, conditions.cpus)
    part = second_part(usage, recording, readings)
    facts = _facts(figures, conditions, records, part, machine)
    limit = bottleneck(facts) if facts.throughput_per_s else None
    trial = msgspec.structs.replace(
        trial,
        throughput_per_s=figures.throughput_per_s,
        publish_per_s=figures.publish_per_s,
        sustained_per_s=figures.sustained_per_s,
        makespan_ms=figures.makespan_ms,
        surge=figures.surge and with_memory(figures.surge, recording, readings),
        slot_overhead_ms=figures.slot_overhead_ms,
        cpu_s_per_1000=cpu_s_per_1000(usage, figures),
        usage=usage,
        machine=machine,
        served=served_between(*readings.pairs["origin"]) if "origin" in readings.pairs else None,
        bottleneck=limit.name if limit else None,
        busy=limit.busy if limit else {},
        shares=limit.shares if limit else {},
        doubts=[
            *trial.doubts,
            *resource_doubts.of_bottleneck(limit.name if limit else None),
            *_of_resources(usage, machine, records),
            *figures.doubts,
            *doubts.of_several(conditions.several),
            *doubts.of_clocks(recording.clocks_comparable, recording.debug, records.readings.wall_apart_s),
            *doubts.of_machine(machine),
            *of_standstill(machine, records.fold.seconds, _standstill(conditions, records)),
            *doubts.of_rest(recording.at_rest),
            *(event_loop.doubts_of(_loop(conditions, records, facts), limit and limit.name) if in_driver else []),
        ],
    )
    trial = _with_littles_law(_with_exact_costs(trial, readings, figures), conditions.load, records.fold.error)
    return checked(trial, _bounds(conditions, records, machine), processes_ended(recording, readings))


def _with_exact_costs(trial: Trial, readings: RoleReadings, figures: LoadFigures) -> Trial:
    """With what a request costs the broker."""
    latency_ms = trial.latency_ms.mean if trial.latency_ms is not None else None
    exact = exact_costs(readings.pairs.get("broker"), figures, latency_ms)
    return msgspec.structs.replace(
        trial,
        broker_calls=exact.calls,
        redis_commands=exact.commands,
        broker_messages=exact.calls.get(PUBLISHED),
        broker_bytes=exact.bytes_moved,
    )


def _with_littles_law(trial: Trial, load: Load, error: float) -> Trial:
    """With the doubt where clients, latency and throughput do not fit."""
    if trial.latency_ms is None or trial.throughput_per_s is None:
        return trial
    chance = chance_of(error)
    unexplained = load_doubts.of_littles_law(load.population, trial.latency_ms.mean, trial.throughput_per_s, chance)
    return msgspec.structs.replace(trial, doubts=[*trial.doubts, *unexplained])


def _standstill(conditions: TrialConditions, records: TrialRecords) -> Seen:
    """What shows that a process stood still; a load without a steady state has replies when it has them."""
    recording, fold = records.recording, records.fold
    loop_s = recording.loop_lag.max / 1000 if recording.loop_lag is not None and not conditions.in_driver else 0.0
    seen = Seen(driver_s=loop_s, stopped=stops_between(*records.readings.pairs.get("workers", ())))
    if not conditions.load.steady:
        return seen
    latency_s = fold.mean_ms("latency") / 1000
    return seen._replace(pause_s=fold.longest_pause_s, replies=fold.counts.ok, latency_s=latency_s)


def _loop(conditions: TrialConditions, records: TrialRecords, facts: Facts) -> event_loop.Loop:
    """The event loop in which the work runs."""
    at_once = conditions.load.population or int(records.fold.backlog.max())
    return event_loop.Loop(records.recording, facts.usage, facts.throughput_per_s, at_once, facts.machine)


def _of_resources(usage: Usages, machine: Machine | None, records: TrialRecords) -> list[Doubt]:
    """About what the trial ran on."""
    quotas = {resource_doubts.SESSION: machine.quota if machine else None} | quotas_of(usage)
    return [
        *resource_doubts.of_driver_cpu(cores(usage.driver), cores(usage.workers)),
        *resource_doubts.of_quotas(quotas),
        *resource_doubts.of_oom_kills(machine),
        *of_lacking(records.recording, records.readings),
    ]


def _facts(
    figures: LoadFigures, conditions: TrialConditions, records: TrialRecords, part: Usages, machine: Machine | None
) -> Facts:
    """What the bottleneck is found by."""
    sustained = all(doubt.kind != doubts.UNSUSTAINABLE for doubt in figures.doubts)
    facts = Facts(
        throughput_per_s=figures.throughput_per_s or 0.0,
        usage=part,
        cpus=conditions.cpus,
        cores=conditions.cores or conditions.cpus,
        machine=machine,
        elsewhere=elsewhere_of(records.recording, records.readings),
        apart=records.readings.apart,
        stages=records.fold.stages(),
        slots=conditions.held_slots,
        ideal_s=conditions.ideal_s,
        at_once=conditions.at_once,
        allowance=conditions.allowance,
        clients=conditions.load.population,
        sustained=conditions.load.arrives and sustained,
    )
    if not conditions.in_driver:
        return facts
    return msgspec.structs.replace(facts, loop_held=event_loop.held(_loop(conditions, records, facts)))


def _bounds(conditions: TrialConditions, records: TrialRecords, machine: Machine | None) -> Bounds:
    """What is known of the trial beside its own figures."""
    load, fold, readings = conditions.load, records.fold, records.readings
    elsewhere = elsewhere_of(records.recording, readings)
    children = frozenset(OF_ROLES) - elsewhere - readings.apart
    virtual = records.recording.driver is None
    all_bound = conditions.cores is not None and not readings.apart - {"broker"}  # else they have quotas of their own
    return Bounds(
        steady=load.steady,
        whole=load.whole,
        clients=load.population,
        arrives=load.arrives,
        waiting_at_first=int(fold.backlog[0]),
        waiting_at_last=int(fold.backlog[-1]),
        slots=conditions.held_slots,
        ideal_s=None if conditions.several else conditions.ideal_s,  # several tasks do at once what one does in turn
        whole_execution=conditions.whole_execution,
        at_once=conditions.at_once,
        origin_ms=conditions.origin_ms,
        origin_requests=conditions.origin_requests,
        allowance=conditions.allowance,
        cpu_s=conditions.cpu_s,
        cores=None if virtual else conditions.cores if all_bound else conditions.cpus,
        quota=machine.quota if machine is not None and all_bound else None,
        counted=tuple(role for role in OF_ROLES if role not in elsewhere and (role != "broker" or role in children)),
        children=children,
        error=fold.error,
        parts=records.parts,
        edges_ms=fold.edges_ms,
        waited=fold.waited,
        executing_s=fold.executing_ns / 1e9,
    )


def _of_requests(round_number: int, order: int, conditions: TrialConditions, records: TrialRecords) -> Trial:
    """What became of the trial's requests, with the doubts that come of that."""
    recording, fold, counts = records.recording, records.fold, records.fold.counts
    reconciled = reconcile(fold.endings, fold.ended_twice, records.executed, each=conditions.one_execution)
    status, error = _status(records, reconciled, counts.submitted)
    not_ok = counts.wrong + counts.failed + counts.lost + fold.outside_not_ok
    return msgspec.structs.replace(
        failed_trial(round_number, order, ""),
        status=status,
        error=error,
        seconds=fold.seconds,
        submitted=counts.submitted,
        ok=counts.ok,
        wrong=counts.wrong,
        failed=counts.failed,
        lost=counts.lost,
        duplicates=reconciled.duplicates,
        executions=reconciled.executions,
        latency_ms=fold.latency("latency"),
        uncorrected_ms=fold.latency("uncorrected"),
        stages_ms=fold.stages(),
        loop_lag_ms=recording.loop_lag,
        loop_busy=recording.loop_busy,
        loop_blocked=recording.loop_blocked if conditions.in_driver else None,
        timeline=fold.timeline(),
        failures=[Failure(kind=kind, count=n, example=text) for kind, (n, text) in recording.failures.items()],
        doubts=doubts.of_requests(not_ok, counts.ok, reconciled.duplicates, unanswered(fold.endings, records.executed)),
        histograms=fold.encoded(),
    )


def _status(records: TrialRecords, reconciled: Reconciled, submitted: int) -> tuple[str, str | None]:
    """The driver's, unless ids do not add up, the broker lost keys or nothing was measured; with the error."""
    recording, broker = records.recording, records.readings.pairs.get("broker")
    if recording.status != "measured":
        return recording.status, recording.error
    if reconciled.fault is not None:
        return "failed", reconciled.fault
    if (again := records.started_again()) is not None:
        return "failed", again
    if broker is not None and (evicted := evicted_between(*broker)):
        return "failed", EVICTED.format(evicted)
    if not submitted:
        return "failed", NOTHING_DUE
    return "measured", recording.error


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

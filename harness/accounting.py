"""Turns a driver's recording and the roles' readings into a trial, and trials into a cell's summary."""

import msgspec

from harness import doubts
from harness.bottleneck import bottleneck
from harness.fold import Fold, merge, summarise
from harness.metrics import cpu_s_per_1000, memory_mb
from harness.model import Failure, Summary, Trial, Usage, Usages
from harness.protocol import Recording
from harness.stats import geometric_mean, log_interval
from harness.usage import Reading


class RoleReadings(msgspec.Struct):
    """What the session read of the other roles: role → first and last reading; role → why there is none."""

    pairs: dict[str, tuple[Reading, Reading]] = {}
    missing: dict[str, str] = {}


def usage_between(first: Reading, last: Reading) -> Usage:
    """A role's usage between two readings, over its own interval."""
    return Usage(
        cpu_s=max(0.0, last.cpu_s - first.cpu_s),
        seconds=(last.at_ns - first.at_ns) / 1e9,
        memory_mb=last.memory_mb,
        memory_kind=last.memory_kind,
        processes=last.processes,
        main_cpu_s=max(0.0, last.main_cpu_s - first.main_cpu_s),
    )


def trial_of(
    *,
    round_number: int,
    order: int,
    recording: Recording,
    fold: Fold,
    readings: RoleReadings,
    executions: int | None,
    slots: int | None,
    cpus: int,
) -> Trial:
    """The trial, from all that is known of it."""
    counts = fold.counts
    status, error = recording.status, recording.error
    if status == "measured" and not counts.submitted:
        status, error = "failed", "no request was due in the window: measure longer than a request takes (--duration)"
    roles = {role: usage_between(*pair) for role, pair in readings.pairs.items()}
    driver = usage_between(*recording.driver) if recording.driver else None
    missing = (
        readings.missing if driver else readings.missing | {"driver": "no measured window, or one in virtual time"}
    )
    usage = Usages(driver=driver, missing=missing, **roles)
    stages = fold.stages()
    throughput = fold.throughput_per_s
    limit = bottleneck(throughput, slots, stages, usage, cpus) if throughput else None
    duplicates = None if executions is None else max(0, executions - recording.issued - 1)
    not_ok = counts.wrong + counts.failed + counts.lost
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
        duplicates=duplicates,
        executions=executions,
        throughput_per_s=throughput,
        latency_ms=fold.latency("latency"),
        uncorrected_ms=fold.latency("uncorrected"),
        stages_ms=stages,
        usage=usage,
        loop_lag_ms=recording.loop_lag,
        failures=[Failure(kind=kind, count=n, example=text) for kind, (n, text) in recording.failures.items()],
        bottleneck=limit,
        doubts=doubts.of_trial(limit, fold.drift, fold.outside_not_ok, not_ok, duplicates),
        histograms=fold.encoded(),
    )


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


def summary_of(trials: list[Trial], ceiling_per_s: float | None) -> Summary | None:
    """A cell over its measured trials; None where there is none with a good reply."""
    measured = [trial for trial in trials if trial.status == "measured" and trial.throughput_per_s and trial.latency_ms]
    if not measured:
        return None
    rates = [trial.throughput_per_s for trial in measured if trial.throughput_per_s]
    centre, interval = geometric_mean(rates), log_interval(rates)
    latencies = [(trial.ok, trial.latency_ms) for trial in measured if trial.latency_ms]
    requests = sum(ok for ok, _ in latencies)
    costs = [cost for trial in measured if (cost := cpu_s_per_1000(trial)) is not None]
    memories = [memory for trial in measured if (memory := memory_mb(trial)) is not None]
    limits = [trial.bottleneck for trial in measured]
    return Summary(
        trials=len(measured),
        throughput_per_s=centre,
        throughput_ci95=interval,
        percent_of_ceiling=100 * centre / ceiling_per_s if ceiling_per_s else None,
        latency_ms=summarise(
            merge([trial.histograms["latency"] for trial in measured]),
            mean_ms=sum(ok * latency.mean for ok, latency in latencies) / max(1, requests),
            min_ms=min(latency.min for _, latency in latencies),
            max_ms=max(latency.max for _, latency in latencies),
        ),
        cpu_s_per_1000=sum(costs) / len(costs) if len(costs) == len(measured) else None,
        memory_mb=max(memories) if memories else None,
        floor_ms=None,
        bottleneck=max(set(limits), key=limits.count),
        doubts=doubts.of_cell(measured, centre, interval),
    )

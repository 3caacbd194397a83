"""From the trials of a cell to its summary."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import geometric_mean, median
from typing import Any

import msgspec

from harness.recording.histograms import merge, summarise
from harness.results.model import Interval, Latency, Settings, Summary, Trial
from harness.statistics import doubts, round_doubts
from harness.statistics.intervals import by_boot, estimate
from harness.statistics.metrics import memory_mb

LATENCIES = ("mean", "p50", "p90", "p99")
"""Figures of the latency that have an interval."""


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """What a contender costs with a no-op, in ms: alone, and its slots for each of a backlog."""

    latency_ms: float | None = None
    slot_overhead_ms: float | None = None


def summary_of(
    trials: list[Trial], ceiling_per_s: float | None, settings: Settings, floor: Floor, *, is_floor: bool
) -> Summary | None:
    """A cell over its measured trials; None if none has a good reply. `is_floor`: whether it measures the floor."""
    measured = [trial for trial in trials if trial.status == "measured" and trial.throughput_per_s and trial.latency_ms]
    if not measured:
        return None
    rate = estimate(by_boot((trial.boot, trial.throughput_per_s) for trial in measured if trial.throughput_per_s))
    centre, interval = rate.value, rate.interval()
    latency = _latency(measured)
    limit = _most_frequent(trial.bottleneck for trial in measured)
    limited = [trial for trial in measured if trial.bottleneck == limit]
    return Summary(
        trials=len(measured),
        throughput_per_s=centre,
        throughput_ci95=interval,
        percent_of_ceiling=100 * centre / ceiling_per_s if ceiling_per_s else None,
        latency_ms=latency,
        latency_ci95_ms=_latency_intervals(measured, latency),
        stages_ms=_stage_means(measured),
        publish_per_s=_geometric_mean(trial.publish_per_s for trial in measured),
        sustained_per_s=_geometric_mean(trial.sustained_per_s for trial in measured),
        makespan_ms=_makespan(measured),
        cpu_s_per_1000=_mean(trial.cpu_s_per_1000 for trial in measured),
        memory_mb=max(_known(memory_mb(trial) for trial in measured), default=None),
        floor_ms=floor.latency_ms,
        slot_overhead_ms=floor.slot_overhead_ms,
        **_loop(measured) | _exact_costs(measured),
        bottleneck=limit,
        busy=_means([trial.busy for trial in limited]),
        shares=_means([trial.shares for trial in limited]),
        doubts=[
            *doubts.each_kind_once(measured),
            *doubts.of_settings(settings),
            *doubts.of_celery(settings),
            *doubts.of_floor(floor.latency_ms, latency.mean, is_floor),
            *round_doubts.of_estimate(rate),
        ],
    )


def _exact_costs(trials: list[Trial]) -> dict[str, Any]:
    """What a request costs the broker."""
    return {
        "broker_calls": _calls(trials),
        "redis_commands": _median(trial.redis_commands for trial in trials),
        "broker_messages": _median(trial.broker_messages for trial in trials),
        "broker_bytes": _median(trial.broker_bytes for trial in trials),
    }


def _calls(trials: list[Trial]) -> dict[str, float]:
    """The median of each command over the trials that counted."""
    counted = [trial.broker_calls for trial in trials if trial.broker_calls]
    names = sorted({name for calls in counted for name in calls})
    medians = {name: median(calls.get(name, 0.0) for calls in counted) for name in names}
    return {name: value for name, value in medians.items() if value}


def _median(values: Iterable[float | None]) -> float | None:
    known = _known(values)
    return median(known) if known else None


def _loop(trials: list[Trial]) -> dict[str, float | None]:
    """What the trials show of the driver's event loop."""
    return {
        "loop_lag_p99_ms": _mean(trial.loop_lag_ms.p99 if trial.loop_lag_ms else None for trial in trials),
        "loop_busy": _mean(trial.loop_busy for trial in trials),
        "loop_blocked": _mean(trial.loop_blocked for trial in trials),
    }


def _latency(trials: list[Trial]) -> Latency:
    """Percentiles of the merged histograms; the mean of all requests."""
    parts = [(trial.ok, trial.latency_ms) for trial in trials if trial.latency_ms]
    return summarise(
        merge([trial.histograms["latency"] for trial in trials]),
        mean_ms=sum(ok * latency.mean for ok, latency in parts) / max(1, sum(ok for ok, _ in parts)),
        min_ms=min(latency.min for _, latency in parts),
        max_ms=max(latency.max for _, latency in parts),
    )


def _latency_intervals(trials: list[Trial], of_all: Latency) -> dict[str, Interval | None]:
    """From the trials' own values, around the figure of all requests; None where one has none.

    A percentile of all requests together is no mean of the trials' own: one slow trial decides it, and may lie far
    beyond the interval of their mean. How far they scatter is what they tell of it.
    """
    latencies = [(trial.boot, trial.latency_ms) for trial in trials if trial.latency_ms]
    return {
        name: _around(getattr(of_all, name), [(boot, getattr(latency, name)) for boot, latency in latencies])
        for name in LATENCIES
    }


def _stage_means(trials: list[Trial]) -> dict[str, float]:
    """Mean of each stage over all requests, in ms; nothing where the trials do not have the same stages."""
    chains = [msgspec.to_builtins(trial.stages_ms) for trial in trials if trial.stages_ms]
    if len(chains) < len(trials):
        return {}
    names = [name for name, stage in chains[0].items() if stage is not None]
    if any(chain[name] is None for chain in chains for name in names):
        return {}
    weights = [trial.ok for trial in trials]
    return {name: _weighted_mean([chain[name]["mean"] for chain in chains], weights) for name in names}


def _makespan(trials: list[Trial]) -> dict[str, float | None] | None:
    """Each part's geometric mean over the trials; None where one of them has none."""
    spans = [trial.makespan_ms for trial in trials if trial.makespan_ms]
    if not spans:
        return None
    return {name: _geometric_mean(span[name] for span in spans) for name in spans[0]}


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _weighted_mean(values: Sequence[float], weights: Sequence[int]) -> float:
    return sum(weight * value for value, weight in zip(values, weights, strict=True)) / max(1, sum(weights))


def _mean(values: Iterable[float | None]) -> float | None:
    """None where one is missing."""
    all_values = list(values)
    return sum(_known(all_values)) / len(all_values) if None not in all_values else None


def _means(of_trials: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean by name; a trial without that name has 0 of it."""
    names = dict.fromkeys(name for shares in of_trials for name in shares)
    return {name: sum(shares.get(name, 0.0) for shares in of_trials) / len(of_trials) for name in names}


def _geometric_mean(values: Iterable[float | None]) -> float | None:
    """None where one is missing or 0."""
    all_values = list(values)
    return geometric_mean(_known(all_values)) if all_values and all(all_values) else None


def _around(figure: float | None, values: list[tuple[int, float | None]]) -> Interval | None:
    """The interval of the mean of these, by boot, moved to that figure; None where one has no value."""
    known = [(boot, value) for boot, value in values if value]
    if not figure or not known or len(known) < len(values):
        return None
    mean = estimate(by_boot(known))
    interval = mean.interval()
    return interval and (figure * interval[0] / mean.value, figure * interval[1] / mean.value)


def _most_frequent(limits: Iterable[str | None]) -> str | None:
    """The first one, where several are as frequent."""
    return Counter(limits).most_common(1)[0][0]

"""What a trial is compared by: each metric read from one trial. Pure functions."""

from harness.results.model import Trial
from harness.statistics.doubts import UNSUSTAINABLE


def throughput_per_s(trial: Trial) -> float | None:
    """Good replies a second in the steady window."""
    return trial.throughput_per_s


def publish_per_s(trial: Trial) -> float | None:
    """Requests submitted a second while nothing was executed: of a backlog only."""
    return trial.publish_per_s


def latency_p50_ms(trial: Trial) -> float | None:
    """Median latency; None where too few samples lie beyond it, or the rate was not sustained."""
    return trial.latency_ms.p50 if trial.latency_ms and sustained(trial) else None


def latency_p99_ms(trial: Trial) -> float | None:
    """99th percentile of the latency; None where too few samples lie beyond it, or the rate was not sustained."""
    return trial.latency_ms.p99 if trial.latency_ms and sustained(trial) else None


def sustained(trial: Trial) -> bool:
    """Whether an open load was worked off as it came: else latency only tells how long was measured."""
    return all(doubt.kind != UNSUSTAINABLE for doubt in trial.doubts)


def cpu_s_per_1000(trial: Trial) -> float | None:
    """CPU-seconds of driver, workers and broker per 1,000 good replies; None where a role's usage is missing."""
    return trial.cpu_s_per_1000


def memory_mb(trial: Trial) -> float | None:
    """Memory of driver and workers together, in MB (10^6 bytes), at the end of the window; None where unknown."""
    usage = trial.usage
    if usage.driver is None or usage.driver.memory_mb is None or "workers" in usage.missing:
        return None
    if usage.workers is None:
        return usage.driver.memory_mb
    if usage.workers.memory_mb is None:
        return None
    return usage.driver.memory_mb + usage.workers.memory_mb

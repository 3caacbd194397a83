"""What histograms of latencies tell: percentiles, where they can be known, and what several hold together."""

import math
from collections.abc import Sequence

from harness.recording.hdr import Histogram
from harness.results.model import Interval, Latency
from harness.statistics.intervals import percentile_is_known

ANY: Interval = (0.0, math.inf)
"""Where extremes are not known."""


def summarise(histogram: Histogram, mean_ms: float, min_ms: float, max_ms: float) -> Latency:
    """A histogram's figures in ms; a percentile with too few samples beyond it is None."""
    within = min_ms, max_ms
    return Latency(
        min=min_ms,
        mean=mean_ms,
        p50=percentile_ms(histogram, 50, within),
        p90=percentile_ms(histogram, 90, within),
        p99=percentile_ms(histogram, 99, within),
        p999=percentile_ms(histogram, 99.9, within),
        max=max_ms,
    )


def percentile_ms(histogram: Histogram, percent: float, within: Interval = ANY) -> float | None:
    """A percentile in ms; None if fewer than 10 samples lie beyond it.

    `within`: the least and the most of all samples. A counter stands for the highest of its values, which may be above
    the most, and the last counter for all beyond an hour.
    """
    if not percentile_is_known(histogram.total, percent):
        return None
    return bounded(histogram.value_at(percent) / 1000, within)


def bounded(value: float, within: Interval) -> float:
    """The nearest value that is no less than the least and no more than the most."""
    least, most = within
    return max(least, min(value, most))


def percentiles_ms(histogram: Histogram, percents: Sequence[float], within: Interval = ANY) -> dict[float, float]:
    """Those of the percentiles, in ms, beyond which enough samples lie; `within`: as of one."""
    known = [percent for percent in percents if percentile_is_known(histogram.total, percent)]
    values = zip(known, histogram.values_at(known), strict=True)
    return {percent: bounded(value / 1000, within) for percent, value in values}


def merge(encoded: list[str]) -> Histogram:
    """One histogram of all that the given ones hold: exactly what a single one would have recorded."""
    merged = Histogram()
    for text in encoded:
        merged.add(Histogram.decode(text))
    return merged

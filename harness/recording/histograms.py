"""What histograms of latencies tell: percentiles, where they can be known, and what several hold together."""

from collections.abc import Sequence

from harness.recording.hdr import Histogram
from harness.results.model import Latency
from harness.statistics.intervals import percentile_is_known


def summarise(histogram: Histogram, mean_ms: float, min_ms: float, max_ms: float) -> Latency:
    """A histogram's figures in ms; a percentile with too few samples beyond it is None."""
    return Latency(
        min=min_ms,
        mean=mean_ms,
        p50=percentile_ms(histogram, 50),
        p90=percentile_ms(histogram, 90),
        p99=percentile_ms(histogram, 99),
        p999=percentile_ms(histogram, 99.9),
        max=max_ms,
    )


def percentile_ms(histogram: Histogram, percent: float) -> float | None:
    """A percentile in ms; None if fewer than 10 samples lie beyond it."""
    if not percentile_is_known(histogram.total, percent):
        return None
    return histogram.value_at(percent) / 1000


def percentiles_ms(histogram: Histogram, percents: Sequence[float]) -> dict[float, float]:
    """Those of the percentiles, in ms, beyond which enough samples lie."""
    known = [percent for percent in percents if percentile_is_known(histogram.total, percent)]
    return {percent: value / 1000 for percent, value in zip(known, histogram.values_at(known), strict=True)}


def merge(encoded: list[str]) -> Histogram:
    """One histogram of all that the given ones hold: exactly what a single one would have recorded."""
    merged = Histogram()
    for text in encoded:
        merged.add(Histogram.decode(text))
    return merged

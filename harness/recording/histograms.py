"""HdrHistograms of latencies: all alike, so that they merge exactly; their percentiles, where these can be known."""

from collections.abc import Sequence

from hdrh.histogram import HdrHistogram

from harness.results.model import Latency
from harness.statistics.intervals import percentile_is_known

LOWEST_US, HIGHEST_US, DIGITS = 1, 3_600_000_000, 3


def new_histogram() -> HdrHistogram:
    """1 µs to 1 h, three significant digits: the same everywhere, so that histograms merge exactly."""
    return HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)


def summarise(histogram: HdrHistogram, mean_ms: float, min_ms: float, max_ms: float) -> Latency:
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


def percentile_ms(histogram: HdrHistogram, percent: float) -> float | None:
    """A percentile in ms; None if fewer than 10 samples lie beyond it."""
    if not percentile_is_known(histogram.get_total_count(), percent):
        return None
    return float(histogram.get_value_at_percentile(percent)) / 1000


def percentiles_ms(histogram: HdrHistogram, percents: Sequence[float]) -> dict[float, float]:
    """Those of the percentiles, in ms, beyond which enough samples lie; in one pass, because a pass costs ms."""
    known = [percent for percent in percents if percentile_is_known(histogram.get_total_count(), percent)]
    return {percent: value / 1000 for percent, value in histogram.get_percentile_to_value_dict(known).items()}


def merge(encoded: list[str]) -> HdrHistogram:
    """One histogram of all that the given ones hold: exactly what a single one would have recorded."""
    merged = new_histogram()
    for text in encoded:
        merged.add(HdrHistogram.decode(text))
    return merged

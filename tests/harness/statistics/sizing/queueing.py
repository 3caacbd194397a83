"""What a trial sees of a queue: evenly spaced arrivals, first come, first served, by the recursion alone."""

import random

from harness.results.model import Timeline
from harness.statistics.sizing.queues import waits_s

SLICES = 20
WARMUP_S = 1.0


def seen(
    slots: int, service_s: float, rate_per_s: float, window_s: float, *, pause_s: float = 0.0, seed: int | None = None
) -> Timeline:
    """Its window in slices. `pause_s`: near its end nothing runs for so long; `seed`: of exponential service times."""
    number = int((WARMUP_S + window_s) * rate_per_s)
    draw = random.Random(seed)
    arrivals = [at / rate_per_s for at in range(number)]
    services = [service_s if seed is None else draw.expovariate(1 / service_s) for _ in range(number)]
    waits = waits_s(slots, arrivals, services)
    ok, sums = [0] * SLICES, [0.0] * SLICES
    for arrival_s, wait_s, taken_s in zip(arrivals, waits, services, strict=True):
        replied_s = arrival_s + wait_s + taken_s
        if pause_s and WARMUP_S + 0.9 * window_s < replied_s < WARMUP_S + 0.9 * window_s + pause_s:
            replied_s = WARMUP_S + 0.9 * window_s + pause_s - 0.001
        number_of = int((replied_s - WARMUP_S) / window_s * SLICES)
        if 0 <= number_of < SLICES:
            ok[number_of] += 1
            sums[number_of] += replied_s - arrival_s
    means = [1000 * total / count if count else None for total, count in zip(sums, ok, strict=True)]
    return Timeline(slice_s=window_s / SLICES, ok=ok, mean_ms=means, max_ms=means)

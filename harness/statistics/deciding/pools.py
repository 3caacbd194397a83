"""Which Celery pool is taken, and the rate and the limit that are used where none were given. Pure functions."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.results.model import Pool
from harness.statistics.units import percent, rate_in_words

EQUAL_WITHIN = 0.10
"""Pools that serve this much less than the best one count as equal: each was seen in one trial."""
CORES_SHARE = 0.3
"""Of the machine's cores, as much is used at the usual rate, by the CPU of a request alone on Celery."""
SERVED_SHARE = 0.5
"""Of what the pool served in full use, the usual rate is no more."""
LIMIT_TIMES = 5
"""The usual limit of the p99 ÷ the median alone on the slower side."""


class Tried(NamedTuple):
    """A pool in full use."""

    contender: str
    served_per_s: float | None
    """None if it did not serve."""
    memory_mb: float | None
    why_not: str = ""
    """Why it cannot be taken, if so."""


def chosen(tried: Sequence[Tried]) -> list[Pool]:
    """Each pool, and why it was taken or not: the one that served the most, of equals the one with least memory."""
    able = [pool for pool in tried if pool.served_per_s and not pool.why_not]
    if not able:
        return [Pool(contender=pool.contender, taken=False, why=pool.why_not or "it served nothing") for pool in tried]
    best_per_s = max(pool.served_per_s or 0.0 for pool in able)
    equal = [pool for pool in able if (pool.served_per_s or 0.0) >= (1 - EQUAL_WITHIN) * best_per_s]
    taken = min(equal, key=lambda pool: (pool.memory_mb is None, pool.memory_mb or 0.0, -(pool.served_per_s or 0.0)))
    return [_judged(pool, taken, equal, several=len(tried) > 1) for pool in tried]


def _judged(pool: Tried, taken: Tried, equal: Sequence[Tried], *, several: bool) -> Pool:
    if pool.why_not or not pool.served_per_s:
        return Pool(contender=pool.contender, taken=False, why=pool.why_not or "it served nothing")
    served = f"{rate_in_words(pool.served_per_s)}/s in full use"
    if pool is taken:
        others = len(equal) - 1
        why = f"the least memory of those within {percent(EQUAL_WITHIN)} of the most" if others else "the most"
        why = why if several else "the only one that was tried"
        return Pool(contender=pool.contender, taken=True, why=f"{served}{_memory(pool)}: {why}")
    less = "no more than" if pool in equal else "less than"
    return Pool(contender=pool.contender, taken=False, why=f"{served}{_memory(pool)}: {less} {taken.contender}")


def _memory(pool: Tried) -> str:
    return f", {pool.memory_mb:,.0f} MB" if pool.memory_mb is not None else ""


def usual_rate(
    cpu_s: float | None, cores: float, most_per_s: float, contender: str, *, seen: bool = True
) -> tuple[float, str]:
    """Requests a second, and where they come from. `cpu_s`: CPU-seconds of a request alone on that contender.

    `most_per_s`: what it served in full use; where that was not `seen`, slots ÷ the time of one request alone.
    """
    by_cpu = CORES_SHARE * cores / cpu_s if cpu_s else None
    most = SERVED_SHARE * most_per_s
    if by_cpu is not None and by_cpu <= most:
        allow = "1 core allows" if cores == 1 else f"{cores:g} cores allow"
        return _two_digits(
            by_cpu
        ), f"{percent(CORES_SHARE)} of what {allow}, by the CPU of one request alone on {contender}"
    how = f"{contender} served in full use" if seen else "its slots allow, by the time of one request alone"
    return _two_digits(most), f"{percent(SERVED_SHARE)} of what {how}"


COMPARABLE = (
    f"{percent(SERVED_SHARE)} of the most that the slower side can do, because the rate asked for is beyond both"
)


def comparable_rate(most_per_s: Iterable[float]) -> float:
    """A rate at which sides can be compared of which each can do so much at the most."""
    return _two_digits(SERVED_SHARE * min(most_per_s))


def usual_limit_s(medians_ms: Sequence[float]) -> float:
    """Seconds below which the p99 must stay, from the medians of one request alone on each side."""
    return _two_digits(LIMIT_TIMES * max(medians_ms) / 1000)


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")

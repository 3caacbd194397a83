"""How the card writes figures: short, because two of them and their intervals stand in 80 columns."""

from harness.report.table import BLANK, number
from harness.results.model import Interval
from harness.statistics.deciding.figures import Known


def ms(value: float) -> str:
    """A latency: `53.5 ms`, `1,200 ms`, `12 s`."""
    return f"{number(value / 1000, 3)} s" if value >= 10_000 else f"{number(value, 3, 3)} ms"


def size(megabytes: float) -> str:
    """Memory: `26 MB`."""
    return f"{number(megabytes, 3)} MB"


def core_count(cores: float) -> str:
    """`0.08 cores`."""
    return f"{number(cores, 2)} cores"


def per_s(rate: float) -> str:
    """`60/s`."""
    return f"{rate:,.3g}/s" if rate < 1000 else f"{rate:,.0f}/s"


def times_of(ratio: float) -> str:
    """`Celery ÷ asyncio 1.2`."""
    return f"Celery ÷ asyncio {number(ratio, 3)}"


def with_interval(known: Known | None, unit: str, digits: int = 3) -> str:
    """`53.5 ms [53.1 … 53.9]`; without the interval where there is none."""
    if known is None:
        return BLANK
    shown = f"{number(known.value, digits)} {unit}".strip()
    return f"{shown} {_interval(known.interval, digits)}".strip()


def _interval(interval: Interval | None, digits: int) -> str:
    return f"[{number(interval[0], digits)} … {number(interval[1], digits)}]" if interval else ""

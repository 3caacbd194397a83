"""Units: quantities as people write them, such as `500ms`, `120/s` and `10%`, and the units that keys end with."""

import math
import re
from collections.abc import Mapping

from harness.errors import UsageError

SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0}
PER_SECOND = {"/s": 1.0}
PERCENT = {"%": 1.0}
PER_CORE_HOUR = {"/core-h": 1.0}
SUFFIXES = {
    "_per_s": "/s",
    "_percent": "%",
    "_times": "times",
    "_bytes": "bytes",
    "_ms": "ms",
    "_mb": "MB",
    "_s": "s",
    "seconds": "s",
}
"""How a key ends, and the unit that its number has."""
SECONDS_MOST = 7 * 86_400.0
"""The longest duration that is meant."""
WHOLE = re.compile(r"[0-9]{1,18}")
QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z/%-]+)\s*")


def quantity(text: str, units: Mapping[str, float]) -> float | None:
    """`text`, a decimal number with one of `units`, times that unit's factor; None for anything else."""
    match = QUANTITY.fullmatch(text)
    if match is None or match[2] not in units:
        return None
    value = float(match[1]) * units[match[2]]
    return value if math.isfinite(value) else None


def whole_number(text: str, most: int) -> int | None:
    """`text` as a whole number from 1 to `most`; None for anything else."""
    value = int(text) if WHOLE.fullmatch(text) else 0
    return value if 1 <= value <= most else None


def seconds(text: str, where: str) -> float:
    """`text` in seconds; raises UsageError for what is no positive duration with a unit."""
    value = quantity(text, SECONDS)
    if not value or value > SECONDS_MOST:
        raise UsageError(
            f"{where}: expected a duration above 0 and of at most {SECONDS_MOST / 86_400:g} days, with its unit, such "
            f"as 500ms, 5s or 2min; got {text!r}."
        )
    return value


def time_in_words(seconds: float) -> str:
    """`45 s` or `3 min 05 s`, rounded up."""
    whole = math.ceil(seconds)
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{whole} s"


def percent(share: float, decimals: int = 0, *, signed: bool = False) -> str:
    """A share of 1, the unit apart from its number: `12 %`; signed `+12 %`."""
    return f"{100 * share:{'+' if signed else ''},.{decimals}f} %"


def rate_in_words(per_s: float) -> str:
    """`1,234`, `56`, `0.46`: a rate as whole numbers, a low one with two digits."""
    return f"{per_s:,.0f}" if per_s >= 9.5 or not per_s else f"{per_s:.2g}"


def unit_suffix(key: str) -> str:
    """The end of a key that names its unit; empty where there is none."""
    return next((suffix for suffix in SUFFIXES if key.endswith(suffix)), "")


def named_with_unit(key: str) -> tuple[str, str]:
    """A key in words, and its unit: `service_ms` is `service` in `ms`; `seconds` alone is a `time`."""
    suffix = unit_suffix(key)
    return key.removesuffix(suffix).replace("_", " ").strip() or "time", SUFFIXES.get(suffix, "")

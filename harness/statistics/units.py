"""Reads durations as people write them: `500ms`, `5s`, `2min`."""

import re

from harness.errors import UsageError

FACTORS = {"ms": 0.001, "s": 1.0, "min": 60.0}


def seconds(text: str, where: str) -> float:
    """`text` in seconds; raises UsageError for what is no positive duration with a unit."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|min)", text.strip())
    value = float(match[1]) * FACTORS[match[2]] if match else 0.0
    if value <= 0:
        raise UsageError(
            f"{where}: expected a duration above 0 with its unit, such as 500ms, 5s or 2min; got {text!r}."
        )
    return value

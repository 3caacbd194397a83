"""A manifest of jobs: kinds by their shares and times, as a parameter has them: `95%:20ms,5%:2s:exponential`."""

import math
import re
from typing import NamedTuple

from workloads.drawing import DRAW_NAMES

KINDS_MOST = 16
SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0}
LEAST_S, MOST_S = 0.0001, 600.0
SUM_TOLERANCE = 1e-6
SHORT, MEDIUM, LONG = "short", "medium", "long"
KIND = re.compile(r"(?P<percent>\d+(?:\.\d+)?)%:(?P<time>\d+(?:\.\d+)?)(?P<unit>ms|s|min)(?::(?P<draw>[a-z]+))?")
EXPECTED = "expected SHARE%:TIME[:DRAW] for each kind of job, such as 95%:20ms,5%:2s:exponential"


class Kind(NamedTuple):
    """One kind of job."""

    name: str
    percent: float
    """Of all jobs."""
    mean_s: float
    draw: str


def kinds_of(manifest: str) -> list[Kind]:
    """The kinds of that manifest, the shortest one first; raises ValueError with what is wrong.

    They are named by their order: `short`, `medium`, `long`; if several are between, `medium_1`, `medium_2` and so on.
    """
    found = sorted((_kind(part) for part in manifest.split(",")), key=lambda kind: kind.mean_s)
    if len(found) > KINDS_MOST:
        raise ValueError(f"at most {KINDS_MOST} kinds of job; got {len(found)}")
    percent = math.fsum(kind.percent for kind in found)
    if abs(percent - 100) > SUM_TOLERANCE:
        raise ValueError(f"the shares of all kinds add up to 100 %; got {percent:g} in {manifest!r}")
    return [kind._replace(name=name) for kind, name in zip(found, _names(len(found)), strict=True)]


def written(kinds: list[Kind]) -> str:
    """Those kinds as a manifest."""
    return ",".join(map(_written, kinds))


def _written(kind: Kind) -> str:
    """Without an exponent, which no manifest has."""
    percent = f"{kind.percent:.12f}".rstrip("0").rstrip(".")
    draw = "" if kind.draw == DRAW_NAMES[0] else f":{kind.draw}"
    return f"{percent}%:{_time(kind.mean_s)}{draw}"


def _kind(text: str) -> Kind:
    match = KIND.fullmatch(text)
    if match is None:
        raise ValueError(f"{EXPECTED}; got {text!r}")
    percent, mean_s = float(match["percent"]), float(match["time"]) * SECONDS[match["unit"]]
    if not 0 < percent <= 100:
        raise ValueError(f"a share is above 0 % and at most 100 %; got {text!r}")
    if not LEAST_S <= mean_s <= MOST_S:
        raise ValueError(f"a job takes from {_time(LEAST_S)} to {_time(MOST_S)}; got {text!r}")
    draw = match["draw"] or DRAW_NAMES[0]
    if draw not in DRAW_NAMES:
        raise ValueError(f"{text!r}: expected one of {', '.join(DRAW_NAMES)} after the time; got {draw!r}")
    return Kind("", percent, mean_s, draw)


def _names(kinds: int) -> list[str]:
    between = kinds - 2
    medium = [MEDIUM] if between == 1 else [f"{MEDIUM}_{number}" for number in range(1, between + 1)]
    return [SHORT, *medium, LONG][:kinds] if kinds > 1 else [SHORT]


def _time(seconds: float) -> str:
    """`20ms`, `1.2s`, `5min`."""
    if seconds < 1:
        return f"{1000 * seconds:.12g}ms"
    return f"{seconds / 60:.12g}min" if seconds % 60 == 0 else f"{seconds:.12g}s"

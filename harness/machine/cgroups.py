"""The cgroups around this process, of version 1 and of version 2: quotas of CPU, throttling, limits of memory.

A cgroup is bound by its own limits and by those of each cgroup above it. A container sees only its own, or a part of
them. `root` is the folder that has `/proc` and `/sys`; tests give a virtual one.
"""

import posixpath
import re
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

ROOT = Path("/")
US = 1e6
NS = 1e9
UNLIMITED_BYTES = 2**62
"""Version 1 writes a number near 2^63 where it has no limit."""


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """A quota of CPU: what it grants, and how often it has stopped what runs under it."""

    cgroup: str
    """Its path below where it is mounted."""
    cores: float
    period_s: float
    """The processes stand still for the rest of a period in which they have used `cores` × `period_s`."""
    burst_s: float = 0.0
    """CPU-seconds that may be saved up for later periods."""
    periods: int
    """Periods in which there was something to run, since the cgroup was created."""
    throttled_periods: int
    """Of these, those in which the quota was used up."""
    throttled_s: float
    """How long they stood still, added up over the CPUs."""


class _Level(NamedTuple):
    """A cgroup, as a folder."""

    folder: Path
    name: str
    version: Literal[1, 2]


def quotas(root: Path = ROOT) -> list[Quota]:
    """All CPU quotas that bind this process and are visible; the innermost cgroup's first."""
    found = (_quota(level) for level in _levels("cpu", root))
    return [quota for quota in found if quota is not None]


def memory_limit_mb(root: Path = ROOT) -> float | None:
    """The least memory that one of the cgroups allows, in 10^6 bytes; None without a limit."""
    names = {1: "memory.limit_in_bytes", 2: "memory.max"}
    texts = [_text(level.folder / names[level.version]) for level in _levels("memory", root)]
    limits = [int(text) for text in texts if text is not None and text.isdecimal()]
    return min((limit / 1e6 for limit in limits if limit < UNLIMITED_BYTES), default=None)


def pids_limit(root: Path = ROOT) -> int | None:
    """The least number of threads and processes that one of the cgroups allows; None without a limit."""
    texts = [_text(level.folder / "pids.max") for level in _levels("pids", root)]
    return min((int(text) for text in texts if text is not None and text.isdecimal()), default=None)


def oom_kills(root: Path = ROOT) -> int | None:
    """How many processes of this cgroup the kernel has killed because memory was used up; None if not reported."""
    names = {1: "memory.oom_control", 2: "memory.events"}
    for level in _levels("memory", root):
        counts = _counts(level.folder / names[level.version])
        if "oom_kill" in counts:
            return counts["oom_kill"]
    return None


def _quota(level: _Level) -> Quota | None:
    granted = _granted(level)
    if granted is None:
        return None
    quota_us, period_us = granted
    burst = "cpu.cfs_burst_us" if level.version == 1 else "cpu.max.burst"
    burst_us = _text(level.folder / burst) or "0"
    counts = _counts(level.folder / "cpu.stat")
    in_us = counts.get("throttled_usec", 0) / US
    return Quota(
        cgroup=level.name,
        cores=quota_us / period_us,
        period_s=period_us / US,
        burst_s=int(burst_us) / US if burst_us.isdecimal() else 0.0,
        periods=counts.get("nr_periods", 0),
        throttled_periods=counts.get("nr_throttled", 0),
        throttled_s=counts.get("throttled_time", 0) / NS if level.version == 1 else in_us,
    )


def _granted(level: _Level) -> tuple[int, int] | None:
    """Quota and period in µs; None without a quota."""
    if level.version == 2:
        words = (_text(level.folder / "cpu.max") or "").split()
    else:
        words = [_text(level.folder / f"cpu.cfs_{name}_us") or "" for name in ("quota", "period")]
    if len(words) != 2 or not all(word.isdecimal() for word in words) or not int(words[1]):
        return None  # `max` and -1 stand for no quota
    return int(words[0]), int(words[1])


@cache
def _levels(controller: str, root: Path) -> list[_Level]:
    """The cgroups of this process that have this controller, with all above them, as far as they are mounted here."""
    paths = _paths(controller, root)
    found: dict[int, list[_Level]] = {1: [], 2: []}
    for line in (_text(root / "proc/self/mountinfo") or "").splitlines():
        mount, _, kind = line.partition(" - ")
        version = _version(kind, controller)
        path = paths.get(version) if version else None
        if version is None or path is None:
            continue
        mounted, at = (_unescaped(word) for word in mount.split()[3:5])
        levels = _between(path, mounted, root / at.lstrip("/"), version)
        found[version] = max(found[version], levels, key=len)  # a hierarchy may be mounted at several places
    return found[1] + found[2]


def _paths(controller: str, root: Path) -> dict[int, str]:
    """Version → this process's cgroup of that controller."""
    paths: dict[int, str] = {}
    for line in (_text(root / "proc/self/cgroup") or "").splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            paths[2] = path
        elif controller in controllers.split(","):
            paths[1] = path
    return paths


def _version(kind: str, controller: str) -> Literal[1, 2] | None:
    """Of the file system that a line of mountinfo is about, where it has that controller."""
    words = kind.split()
    if words[:1] == ["cgroup2"]:
        return 2
    has_it = words[:1] == ["cgroup"] and controller in words[-1].split(",")
    return 1 if has_it else None


def _between(path: str, mounted: str, at: Path, version: Literal[1, 2]) -> list[_Level]:
    """The cgroup `path` and those above it, up to `mounted`, which is what can be seen at the folder `at`."""
    below = posixpath.relpath(path, mounted)
    if ".." in below.split("/") or not (at / below).is_dir():
        return []  # it is mounted elsewhere, or not at all
    parts = [] if below == "." else below.split("/")
    return [
        _Level(at.joinpath(*parts[:depth]), posixpath.join("/", *parts[:depth]), version)
        for depth in range(len(parts), -1, -1)
    ]


def _unescaped(word: str) -> str:
    r"""As the kernel writes blanks: `\040`."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), word)


def _counts(file: Path) -> dict[str, int]:
    """Lines of a name and a number."""
    pairs = [line.split() for line in (_text(file) or "").splitlines()]
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}


def _text(file: Path) -> str | None:
    try:
        return file.read_text("ascii", errors="replace").strip()
    except OSError:
        return None

"""Memory of the processes of a role: each page counted once, whichever of them share it (PSS)."""

import contextlib
from pathlib import Path

import psutil

PSS, RSS = "pss", "rss"
FIELDS = ("Pss", "Pss_Anon", "Anonymous")


def memory_of(pids: list[int], *, forked: bool = False, proc: Path = Path("/proc")) -> tuple[float, str]:
    """Their memory in 10^6 bytes, and its kind: `pss`, or `rss` where the kernel does not show that.

    PSS divides each page by the number of processes that map it. Pages that the role's own processes share so count
    once, files that other programs map too (libraries) count in part.

    `forked`: the first process was forked from a template that has the same modules, and that is no part of what is
    measured: an application would have imported them itself. So the pages that it shares with the template
    count as its own.
    """
    parts = [_kilobytes(pid, proc) for pid in pids]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not all("Pss" in part for part in known if part):
        return sum(map(_rss_bytes, pids)) / 1e6, RSS
    total = sum(part.get("Pss", 0) for part in known)
    if forked and known:
        first = known[0]
        total += max(0, first.get("Anonymous", 0) - first.get("Pss_Anon", first.get("Anonymous", 0)))
    return total * 1024 / 1e6, PSS


def _kilobytes(pid: int, proc: Path) -> dict[str, int] | None:
    """Those fields of a process, in units of 1,024 bytes; empty if it has ended, None if the kernel shows none."""
    try:
        lines = (proc / str(pid) / "smaps_rollup").read_text("ascii").splitlines()
    except (ProcessLookupError, FileNotFoundError):
        return {} if not _rss_bytes(pid) else None
    except OSError:
        return None
    pairs = [line.split()[:2] for line in lines]
    return {name.rstrip(":"): int(number) for name, number in pairs if name.rstrip(":") in FIELDS}


def _rss_bytes(pid: int) -> int:
    """0 of a process that has ended."""
    with contextlib.suppress(psutil.Error):  # it has ended
        return int(psutil.Process(pid).memory_info().rss)
    return 0

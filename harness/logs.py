"""Which line of what a process wrote last is the reason for its end: none of a warning, of source, of a notice."""

import re
from collections.abc import Iterator, Sequence
from textwrap import dedent

from harness.errors import WROTE_NOTHING

EXCEPTION = re.compile(r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Refused|Lost)\b: \S")
OUTSIDE = re.compile(r"killed by (?:signal |SIG(?!SEGV|ABRT|BUS|FPE|ILL))")
"""Ended by somebody else, who is no line of its log."""
FATAL = re.compile(r"Fatal Python error: \S")
WARNING = re.compile(r"\S.*?:\d+: (?:\w+\.)*\w*Warning: ")
"""How Python's `warnings` begin; the text may have more lines, and ends with the line of source, which is indented."""
IGNORED = re.compile(r"Exception ignored in\b")
NOTICE = re.compile(
    r"\[[\d\-:., ]+: (?:DEBUG|INFO|WARNING)/"  # Celery's
    r"|\d+:[A-Z] \d.* [*.\-] "  # Redis's
    r"|.* (?:LOG|NOTICE|HINT|STATEMENT|DETAIL|CONTEXT|DEBUG\d?): "  # PostgreSQL's
    r"|(?:DEBUG|INFO|WARNING)\b"  # Python's logging
    r"|.*\d+ ?%(?:\||$)"  # progress
    r"|[\W\d_]*$|\[\w+\]$|\W+ celery@|\.> "  # lines of a banner
    r"|Traceback \(|During handling of|The above exception"
    r"|(?:Current|Thread) .*most recent call first|Extension modules: "
)


def reason_in(ended: str, lines: Sequence[str]) -> str:
    """The last line that is a reason for ending so; empty where there is none. `ended`: what is known besides."""
    if OUTSIDE.search(ended):
        return ""
    told = list(_told(lines))
    if "killed by" in ended:
        return next((line for line in reversed(told) if FATAL.match(line)), "")
    return told[-1] if told else ""


def exception_in(ended: str, lines: Sequence[str]) -> str:
    """The last exception among them, if it may be the reason for ending so; else empty."""
    if OUTSIDE.search(ended):
        return ""
    return next((line for line in reversed(list(_told(lines))) if EXCEPTION.match(line)), "")


def _told(lines: Sequence[str]) -> Iterator[str]:
    """The lines that say something for themselves."""
    within = None
    for line in dedent("\n".join(lines)).splitlines():
        indented, line = line.startswith((" ", "\t")), line.strip()
        if within is not None:
            if indented if within is WARNING else not indented and not line.startswith("Traceback ("):
                within = None
            continue
        within = next((kind for kind in (WARNING, IGNORED) if kind.match(line)), None)
        if within is None and line not in ("", WROTE_NOTHING) and not indented and not NOTICE.match(line):
            yield line

"""Rows of settings that could not be in effect as a heading would say."""

from collections.abc import Iterator

from benchmarks.bounds.command import workbench
from benchmarks.bounds.row import Row
from benchmarks.bounds.services import refused

REFUSED = (
    ("-w", "cancel", "-c", "asyncio:4", "--load", "closed:4", "--set", "cancel.after_ms=5000"),
    (
        "-w",
        "blocking_call",
        "-c",
        "asyncio:4",
        "--set",
        "blocking_call.how=process",
        "--set",
        "blocking_call.threads=6",
    ),
    ("-w", "blocking_call", "-c", "celery-threads:4", "--set", "blocking_call.threads=6"),
    ("-w", "http_date", "-c", "celery-threads:4", "--set", "http_date.connections=20"),
    ("-w", "flaky_http", "-c", "asyncio:4", "--set", "flaky_http.fail=0.9", "--set", "flaky_http.hang=0.5"),
    ("-w", "sleep", "-c", "asyncio:4", "--load", "drain:50", "--requests", "10"),
    ("-w", "sleep", "-c", "asyncio:4", "--load", "burst:50", "--drivers", "2"),
    ("-w", "sleep", "-c", "celery-solo+2-workers", "--load", "closed:4"),
    ("-w", "sleep", "-c", "celery-solo:4", "--load", "closed:4"),
    ("-w", "sleep", "-c", "asyncio:4", "--load", "open:5/s", "--why"),
    ("-w", "sleep", "-c", "asyncio:4", "--origin", "http://127.0.0.1:1", "--origin-processes", "2"),
)  # fmt: skip


def rows() -> Iterator[Row]:
    """One after the other."""
    for arguments in REFUSED:
        yield refused(" ".join(arguments[1:]), workbench(*arguments))

"""Where rows without settings deviate from the defaults of Celery and of asyncio, and what that does to a figure.

The one definition: the note under a table and the section of `docs/method.md` are made from it, and a test holds it
against the application, the workers' options and the sessions.
"""

from typing import NamedTuple

NOTHING_A_TASK = "no cost per task"
NOT_MEASURED = "not measured"
LEAN_EFFECT = "0.139 times the driver's CPU per task (0.115 to 0.168)"
OVER_AIOHTTP = (
    "after_response",
    "cancel",
    "comment_tree",
    "download",
    "fire_and_forget",
    "first_response",
    "flaky_http",
    "http_date",
    "http_fanout",
    "periodic",
    "pipeline",
    "side_effect",
)
NAMES = {"celery": "Celery", "asyncio": "asyncio"}
"""Of the sides that have defaults."""


class Deviation(NamedTuple):
    """One deviation from a default."""

    side: str
    what: str
    default: str
    here: str
    effect: str
    """Its effect on a figure, as measured (docs/tuning.md, benchmarks/README.md); or that it was not measured."""
    note: str = ""
    """Its text in the note under a table; empty if no figure of a table depends on it."""
    only: tuple[str, ...] = ()
    """Workloads whose figures it touches; empty: all."""
    covers: tuple[str, ...] = ()
    """The settings of Celery and the options of its workers that deviate so."""


DEVIATIONS = (
    Deviation(
        side="celery",
        what="result backend",
        default="`result_backend_thread_safe=False`: a connection for each thread or greenlet",
        here="`True`: one for each process",
        effect="gevent: 2.65 times the no-ops/s (1.85 to 3.78) for 0.45 times the CPU; other pools not measured",
        note="thread-safe result backend (gevent: rate × 2.65)",
        covers=("result_backend_thread_safe",),
    ),
    Deviation(
        side="celery",
        what="gossip, mingle, heartbeat",
        default="on",
        here="off; before Celery 5.7, heartbeat on",
        effect=NOTHING_A_TASK,
        note="no gossip, mingle or heartbeat (no effect)",
        covers=("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ),
    Deviation(
        side="celery",
        what="stamps and counts of executions",
        default="none",
        here="workers add start and end of an execution to its result, and record its id",
        effect="no difference: with the next line's client, a drain has 1.016 times a plain script's rate (0.985 to "
        "1.048) for 0.990 times the CPU (0.974 to 1.007)",
        note="stamped results (no difference)",
    ),
    Deviation(
        side="celery",
        what="waiting for results",
        default="`AsyncResult.get()`, which blocks its thread",
        here="one thread drains all results and hands each to the event loop",
        effect="one client alone: a median of 4.0 ms instead of 3.6 ms",
    ),
    Deviation(
        side="celery",
        what="producer (drains, `+lean-producer`)",
        default="`apply_async`",
        here="ready-made messages in batches, results in bulk",
        effect=LEAN_EFFECT,
    ),
    Deviation(
        side="celery",
        what="names and routes",
        default="queue and exchange `celery`, random ids",
        here="a queue for each contender, ids `TRIAL.NUMBER`, a control exchange and a router of the run's own; a "
        "prefix of all keys on a given Redis",
        effect=NOT_MEASURED,
        covers=(
            "task_default_queue",
            "task_routes",
            "control_exchange",
            "broker_transport_options",
            "result_backend_transport_options",
        ),
    ),
    Deviation(
        side="celery",
        what="Redis that the run starts",
        default="snapshots on disk",
        here="nothing on disk; reached with hiredis",
        effect="hiredis: undecided (1.08 times the no-ops/s, 0.80 to 1.47); snapshots not measured",
    ),
    Deviation(
        side="celery",
        what="lifetime of a result",
        default="`result_expires`: a day",
        here="an hour (given Redis: 10 minutes); deleted as they are read",
        effect=NOTHING_A_TASK,
        covers=("result_expires",),
    ),
    Deviation(
        side="celery",
        what="start-up, output of workers",
        default="retries a silent broker; what tasks print is logged; `amqps://`: any host's certificate",
        here="exits with an error; output is not redirected; the host's own",
        effect=NOTHING_A_TASK,
        covers=("broker_connection_retry_on_startup", "worker_redirect_stdouts"),
    ),
    Deviation(
        side="celery",
        what="`result_accept_content`",
        default="as `accept_content`: JSON",
        here="JSON, stated explicitly",
        effect=NOTHING_A_TASK,
        covers=("result_accept_content",),
    ),
    Deviation(
        side="celery",
        what="`celery beat` (only `periodic`)",
        default="`PersistentScheduler`, in a file",
        here="`Scheduler`, in memory; one for each request",
        effect=NOT_MEASURED,
    ),
    Deviation(
        side="celery",
        what="connections of a process",
        default="urllib3 keeps 1 per host, requests 10; psycopg's pool opens 4",
        here="one per slot; PostgreSQL: 1 at first, 64 at most",
        effect=NOT_MEASURED,
    ),
    Deviation(
        side="asyncio",
        what="connections of aiohttp",
        default="100 at most: the 101st request waits",
        here="no limit; 512 for `comment_tree`",
        effect="256 requests at once: 2.53 times the requests/s (2.48 to 2.58); fewer than 100: no effect",
        note="no limit of 100 connections (rate × 2.53 with 256 requests at once)",
        only=OVER_AIOHTTP,
    ),
    Deviation(
        side="asyncio",
        what="`asyncio.to_thread` (only `blocking_call`)",
        default="CPUs + 4 threads, at most 32",
        here="one per slot; unbounded: 64",
        effect="64 threads instead of 6: 10.2 times the calls/s (9.96 to 10.5)",
        note="one thread per slot in to_thread (rate × 10.2 with 64)",
        only=("blocking_call",),
    ),
    Deviation(
        side="asyncio",
        what="slots",
        default="none",
        here="a semaphore around the coroutine, if slots are given",
        effect=NOT_MEASURED,
    ),
    Deviation(
        side="asyncio",
        what="connections to PostgreSQL",
        default="psycopg's pool: 4",
        here="1 at first, one per slot, 64 at most",
        effect=NOT_MEASURED,
    ),
    Deviation(
        side="asyncio",
        what="process",
        default="the application's own",
        here="the driver's, which also makes the load; `gc.freeze` before the trial",
        effect="the driver adds 1.5 to 4 µs a request; `gc.freeze` not measured",
    ),
)


def noted(side: str, workload: str) -> list[str]:
    """The notes of that side that touch a figure of that workload."""
    return [
        deviation.note
        for deviation in DEVIATIONS
        if deviation.side == side and deviation.note and workload in (deviation.only or (workload,))
    ]


def as_markdown() -> str:
    """All deviations as two tables, one per side."""
    tables = []
    for side, name in NAMES.items():
        rows = [deviation for deviation in DEVIATIONS if deviation.side == side]
        lines = [f"| {name}: what | by default | here | what it does to a figure |", "| --- | --- | --- | --- |"]
        lines += [f"| {row.what} | {row.default} | {row.here} | {row.effect} |" for row in rows]
        tables.append("\n".join(lines))
    return "\n\n".join(tables) + "\n"

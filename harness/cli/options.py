"""Options that several commands have."""

import platform
import re
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import urls
from harness.errors import UsageError
from harness.services.url import Url

RunFolder = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder of the run. Default: results/TIME-PLAN.")
]
DocumentFile = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        help="Also write the results document to this file; - for standard output, with the tables on standard error.",
        show_default=False,
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", help="No progress and no tables: only errors and the exit status.")
]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="In the terminal: all columns, all tables, all notes.")]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Seed of order, arrivals and payloads. Default: a new one, recorded.", min=0, max=2**53
    ),
]
BootsOption = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="How many times workers, drivers, the run's own broker and origin are started afresh, each time for a "
        "part of the rounds. Default: the plan's, else once for every two rounds.",
        min=1,
        show_default=False,
    ),
]
MaxTimeOption = Annotated[
    str | None,
    typer.Option(
        "--max-time",
        metavar="TIME",
        help="End the whole run after this time (5min), with reports of what was measured until then; the trial under "
        "way is left out. Default: as long as it takes.",
        show_default=False,
    ),
]
ProfileOption = Annotated[
    bool,
    typer.Option(
        "--profile",
        help="After the run, measure each row once more while stacks of driver and workers are sampled: where its CPU "
        "goes, by package. Needs py-spy. These rows are compared with nothing.",
    ),
]
RepeatsOption = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="How often a trial that others disturbed is measured again in its round; at most a fifth of all are.",
        min=0,
        max=10,
        envvar="WORKBENCH_REPEATS",
    ),
]
WaitingBroker = Annotated[
    Url,
    typer.Option(
        metavar="URL", parser=urls.broker, help="Broker on which it waits for runs.", envvar="WORKBENCH_BROKER"
    ),
]
WAITING_BROKER = Url("redis", "127.0.0.1", 6379, "/0")
WaitingBrokers = Annotated[
    list[Url],
    typer.Option(
        "--broker",
        metavar="URL",
        parser=urls.broker,
        help="Broker on which runs are waited for; can be repeated: other kinds of broker, or shards, that runs use.",
        envvar="WORKBENCH_BROKER",
    ),
]
WAITING_BROKERS = [WAITING_BROKER]
WaitingBackend = Annotated[
    Url | None,
    typer.Option(
        "--result-backend",
        metavar="URL",
        parser=urls.result_backend,
        help="Result backend with RabbitMQ: the same as in the run. Default: rpc://.",
        envvar="WORKBENCH_RESULT_BACKEND",
    ),
]
PathOption = Annotated[
    list[str],
    typer.Option(
        "--path",
        metavar="DIR",
        help="Folder in which modules of a job of your own are also found, after all others; can be repeated. "
        "The current directory always is one.",
    ),
]
SettingsOption = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="WORKLOAD.PARAM=VALUE",
        help="Parameter of a workload (see `workbench list workloads`); can be repeated.",
    ),
]
PoolsOption = Annotated[
    list[str],
    typer.Option(
        "--pool",
        metavar="POOL",
        help="Celery pool to consider: threads, gevent, prefork; can be repeated. Default: all.",
    ),
]
NodeName = Annotated[
    str | None,
    typer.Option(
        "--name",
        metavar="NAME",
        help="Its name, unique on its host. Default: what it is and its process id.",
        show_default=False,
    ),
]
ReportFile = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write. Default: standard output.")
]
TaskWorkloads = Annotated[
    list[str] | None,
    typer.Option(
        "--workload", "-w", metavar="NAME", help="Workloads whose tasks it imports. Default: all.", show_default=False
    ),
]
"""Of a worker that waits for runs."""


def node_name(given: str | None, default: str) -> str:
    """A process's name on the broker, with its host; raises UsageError for a name that Celery would expand or cut."""
    if given is not None and re.fullmatch(r"[\w.+-]{1,64}", given) is None:
        raise UsageError(f"--name {given!r}: expected up to 64 letters, digits, dots, dashes and underscores.")
    return f"{given or default}@{platform.node()}"

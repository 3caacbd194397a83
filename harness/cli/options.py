"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

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
Seed = Annotated[
    int | None,
    typer.Option(metavar="N", help="Seed of order, arrivals and payloads. Default: a new one, recorded."),
]
WaitingBroker = Annotated[
    str, typer.Option(metavar="URL", help="Broker on which it waits for runs.", envvar="WORKBENCH_BROKER")
]
WAITING_BROKER = "redis://127.0.0.1:6379/0"
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

"""The options of `workbench decide`."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from harness.cli.options import DocumentFile, QuietOption, RepeatsOption, RunFolder, Seed
from harness.cli.run_options import RunOptions

CALLS_MOST = 100_000
"""Calls of the job, unless another bound is given."""


@dataclass(frozen=True, kw_only=True)
class DecideOptions(RunOptions):
    """All options of a decision; all others have their defaults."""

    job: Annotated[str, typer.Argument(metavar="JOB", help="The job: a workload from `workbench list workloads`.")]
    rate: Annotated[
        str | None,
        typer.Option(
            metavar="R/s",
            help="Your arrival rate, such as 120/s. Default: one derived from what a request costs alone.",
        ),
    ] = None
    p99: Annotated[
        str | None,
        typer.Option(
            "--p99", metavar="TIME", help="What the p99 must stay below. Default: 5 times the median of one alone."
        ),
    ] = None
    slots: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Slots of each Celery pool. Default: 32 threads or greenlets, 16 processes.",
            min=1,
            max=1000,
        ),
    ] = None
    at_most: Annotated[
        int, typer.Option(metavar="N", help="The most calls of the job, warm-up included.", min=20, max=10**9)
    ] = CALLS_MOST
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the job is called.")] = False
    settings: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="WORKLOAD.PARAM=VALUE",
            help="Parameter of a workload (see `workbench list workloads`); can be repeated.",
        ),
    ] = field(default_factory=list)
    time: Annotated[
        str, typer.Option(metavar="TIME", help="How long the measurements may take, start and end not counted.")
    ] = "165s"
    timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long past its expected finish a request may take.")
    ] = "5s"
    repeats: RepeatsOption = 1
    seed: Seed = None
    output: RunFolder = None
    json: DocumentFile = None
    quiet: QuietOption = False

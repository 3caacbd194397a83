"""The options of `workbench size`."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from harness.cli.options import DocumentFile, PathOption, PoolsOption, QuietOption, RunFolder, Seed, SettingsOption
from harness.cli.run_options import RunOptions
from harness.statistics.sizing.utilisation import UTILISATION


@dataclass(frozen=True, kw_only=True)
class SizeOptions(RunOptions):
    """All options of a sizing; all others have their defaults."""

    rate: Annotated[
        str | None, typer.Option(metavar="R/s", help="The arrival rate to be served, such as 2000/s. Required.")
    ] = None
    job: Annotated[
        str | None,
        typer.Option(
            metavar="JOB",
            help="The job: a workload with its parameters (sleep:seconds=0.2), FILE.py, or PACKAGE.MODULE:NAME of a "
            "Job.",
        ),
    ] = None
    service: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Instead of JOB: how long one takes alone, its computing included, such as 200ms."
        ),
    ] = None
    cpu: Annotated[
        str | None, typer.Option(metavar="TIME", help="And how much of that is computing, such as 5ms. Default: none.")
    ] = None
    p99: Annotated[
        str | None,
        typer.Option("--p99", metavar="TIME", help="What the p99 must stay below. Default: the utilisation decides."),
    ] = None
    utilisation: Annotated[
        int,
        typer.Option(
            metavar="PERCENT",
            help="How busy slots and cores are planned to be. At 70, a request waits for its core for 1.2 times what "
            "it computes, at 90 for 4.5 times; and 1.4 times the rate still fits.",
            min=10,
            max=95,
        ),
    ] = round(100 * UTILISATION)
    pools: PoolsOption = field(default_factory=list)
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Run the largest proposal that fits on this machine, at a rate that fits, and the same with a slot "
            "fewer: unless the first keeps up and the second does not, the proposal is wrong, and the exit status 1.",
        ),
    ] = False
    price: Annotated[
        str | None,
        typer.Option(metavar="P/core-h", help="Price of a core for an hour, such as 0.04/core-h: adds a bill."),
    ] = None
    settings: SettingsOption = field(default_factory=list)
    path: PathOption = field(default_factory=list)
    seed: Seed = None
    output: RunFolder = None
    json: DocumentFile = None
    quiet: QuietOption = False

"""The options of `workbench decide`."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from harness.cli.options import (
    DocumentFile,
    PathOption,
    PoolsOption,
    ProfileOption,
    QuietOption,
    RepeatsOption,
    RunFolder,
    Seed,
    SettingsOption,
)
from harness.cli.run_options import RunOptions

CALLS_MOST = 100_000
"""Calls of the job, unless another bound is given."""
CALLS_LEAST = 100
"""With fewer, no phase would have a figure."""


@dataclass(frozen=True, kw_only=True)
class DecideOptions(RunOptions):
    """All options of a decision; all others have their defaults."""

    job: Annotated[
        str,
        typer.Argument(
            metavar="JOB",
            help="The job: FILE.py or PACKAGE.MODULE:NAME of a Job, or a workload from `workbench list workloads`.",
        ),
    ] = ""
    coroutine: Annotated[
        str | None,
        typer.Option(metavar="PACKAGE.MODULE:NAME", help="Instead of JOB: the coroutine function.", show_default=False),
    ] = None
    task: Annotated[
        str | None,
        typer.Option(
            metavar="PACKAGE.MODULE:NAME", help="And the task of your Celery application.", show_default=False
        ),
    ] = None
    payloads: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="And what they are called with: JSON (lines) or CSV.", show_default=False),
    ] = None
    path: PathOption = field(default_factory=list)
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
    pools: PoolsOption = field(default_factory=list)
    slots: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Slots of each Celery pool. Default: 32 threads or greenlets, 16 processes; more where --rate needs "
            "them.",
            min=1,
            max=1000,
        ),
    ] = None
    at_most: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help=f"The most calls of the job, warm-up included. Default: {CALLS_MOST:,}.",
            min=CALLS_LEAST,
            max=10**9,
            show_default=False,
        ),
    ] = None
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Allow a job of your own to call other machines; needs --at-most.")
    ] = False
    no_crashes: Annotated[
        bool,
        typer.Option(
            "--no-crashes",
            help="Do not kill the processes that execute the job; implied by --allow-remote. Default: once each.",
        ),
    ] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the job is called.")] = False
    settings: SettingsOption = field(default_factory=list)
    time: Annotated[
        str, typer.Option(metavar="TIME", help="How long it may take, from the first call of the job to its card.")
    ] = "3min"
    timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long past its expected finish a request may take.")
    ] = "5s"
    repeats: RepeatsOption = 0
    profile: ProfileOption = False
    seed: Seed = None
    output: RunFolder = None
    json: DocumentFile = None
    quiet: QuietOption = False

    @property
    def ends_at_bound(self) -> bool:
        """Its trials share the calls that are allowed."""
        return True

    @property
    def kills(self) -> bool:
        """Whether processes are killed in mid-call: never where these calls reach other machines."""
        return not self.no_crashes and not self.allow_remote

    @property
    def calls_most(self) -> int:
        """The bound that holds."""
        return CALLS_MOST if self.at_most is None else self.at_most

"""`workbench ladder`: runs a ladder of settings."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from harness.cli.options import (
    BootsOption,
    DocumentFile,
    MaxTimeOption,
    QuietOption,
    RepeatsOption,
    RunFolder,
    Seed,
    VerboseOption,
)
from harness.cli.run_options import RunOptions
from harness.plan.asked import REPEATS_MOST


@dataclass(frozen=True, kw_only=True)
class LadderOptions(RunOptions):
    """All options of a ladder's run; all others have their defaults."""

    plan: Annotated[
        str,
        typer.Argument(metavar="LADDER", help="`celery`, `asyncio`, or the path of a TOML file."),
    ] = field()
    rounds_each: Annotated[
        int | None,
        typer.Option("--rounds", metavar="N", help="Rounds of each stage. Default: the ladder's.", min=1, max=1000),
    ] = None
    boots: BootsOption = None
    repeats: RepeatsOption = REPEATS_MOST
    duration: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Length of each measured window, such as 2s. Default: the ladder's."),
    ] = None
    max_time: MaxTimeOption = None
    seed: Seed = None
    output: RunFolder = None
    json: DocumentFile = None
    verbose: VerboseOption = False
    quiet: QuietOption = False


def ladder(options: LadderOptions) -> int:
    """Change one setting of a side at a time: what each gains and what it gives up; then all that helped, together."""
    from harness.cli.measuring import measure
    from harness.plan.ladder import asked_ladder
    from harness.schedule.ladder import Climb

    rungs, plan = asked_ladder(options.plan, options.rounds_each, options.duration, options.boots)
    return measure(options, plan, Climb(rungs), f"ladder {options.plan}")

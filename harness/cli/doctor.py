"""`workbench doctor`: checks whether this machine is ready for a run."""

from typing import Annotated

import typer


def doctor(
    broker: Annotated[
        str | None, typer.Option(metavar="URL", help="Broker to check. Default: the Redis that a run would start.")
    ] = None,
) -> None:
    """Check Python, Redis, cores, CPU governor and load from other processes, and say how to fix what is missing."""
    from harness.cli.findings import examine

    findings = examine(broker)
    for finding in findings:
        typer.echo(f"{finding.state:8}{finding.subject:18}{finding.text}")
        if finding.advice:
            typer.echo(f"{'':26}→ {finding.advice}")
    raise typer.Exit(3 if any(finding.state == "missing" for finding in findings) else 0)

"""`workbench doctor`: says what a run would find on this machine."""

from typing import Annotated

import typer


def doctor(
    broker: Annotated[
        str | None, typer.Option(metavar="URL", help="Check this broker too. Default: what a run would start itself.")
    ] = None,
) -> None:
    """Check Python, Redis, cores, governor and load from others, and say what to do about what is missing."""
    from harness.cli.findings import examine

    findings = examine(broker)
    for finding in findings:
        typer.echo(f"{finding.state:8}{finding.subject:18}{finding.text}")
        if finding.advice:
            typer.echo(f"{'':26}→ {finding.advice}")
    raise typer.Exit(3 if any(finding.state == "missing" for finding in findings) else 0)

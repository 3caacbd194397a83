"""`workbench doctor`: checks whether this machine is ready for a run."""

from typing import Annotated

import typer

from harness.cli import urls
from harness.services.url import Url


def doctor(
    broker: Annotated[
        Url | None,
        typer.Option(
            metavar="URL", parser=urls.broker, help="Broker to check. Default: the Redis that a run would start."
        ),
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", help="Remove what killed runs left behind.")] = False,
) -> None:
    """Check Python, Redis, cores, CPU governor and load from other processes, and say how to fix what is missing."""
    from harness.cli.findings import examine

    if clean:
        import asyncio

        from harness.contenders.celery.fleet.sweeping import sweep
        from harness.services.brokers.broker import left_on
        from harness.services.leftovers import remove_leftovers

        for removed in remove_leftovers([broker] if broker is not None else []):
            print(f"removed {removed}")
        if broker is not None:
            for name in left_on(broker, remove=True):
                print(f"removed the keys {name}* from the broker {broker}")
            for name in asyncio.run(sweep(broker)):
                print(f"removed what {name}, which waited for runs, has left on the broker {broker}")
    findings = examine(broker)
    for finding in findings:
        print(f"{finding.state:8}{finding.subject:18}{finding.text}")
        if finding.advice:
            print(f"{'':26}→ {finding.advice}")
    raise typer.Exit(3 if any(finding.state == "missing" for finding in findings) else 0)

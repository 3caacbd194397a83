"""`workbench decide`: which side for one job, on a card of one screen."""

import sys

import typer

from harness.cli.decide_options import DecideOptions
from harness.errors import UsageError


def decide(options: DecideOptions) -> int:
    """Celery or asyncio for one job? At most three minutes, one card.

    Measures one request alone, the Celery pools, your rate on both sides and the highest rate that holds the p99;
    looks for what spoils the comparison; and gives advice by stated rules (docs/decide.md).
    """
    from harness.cli.deciding import prepared
    from harness.cli.measuring import measure

    preparation = prepared(options)
    if not options.quiet:
        print(preparation.announced, file=sys.stderr)
    if preparation.own:
        _ask(options)
    return measure(preparation.options, preparation.plan, preparation.schedule(), "workbench decide", preparation.tried)


def _ask(options: DecideOptions) -> None:
    """Go on only if the user says so; raises UsageError where nobody can be asked."""
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("decide calls the job: add --yes, because there is no terminal on which to ask.")
    if not typer.confirm("Go on?", default=True, err=True):
        raise typer.Exit(0)

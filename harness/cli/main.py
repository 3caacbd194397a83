"""`workbench`: assembles the commands. Each imports what it needs when it runs, so that `--help` is fast."""

import os
import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from harness.cli import streams
from harness.cli.ab import ab
from harness.cli.command import command
from harness.cli.compare import compare
from harness.cli.decide import decide
from harness.cli.doctor import doctor
from harness.cli.driver import driver
from harness.cli.explain import explain
from harness.cli.fleet import fleet
from harness.cli.ladder import ladder
from harness.cli.last_resort import as_internal_error
from harness.cli.listing import list_
from harness.cli.report import report
from harness.cli.run import run
from harness.cli.serve import serve
from harness.cli.signals import exit_when_interrupted
from harness.cli.size import size
from harness.cli.submit import submit
from harness.cli.version import program
from harness.cli.worker import worker
from harness.errors import INTERRUPTED, WorkbenchError
from harness.report.words.options import said_for

OURS = {
    "Value error, ": "",
    "Input should be less than or equal to": "expected at most",
    "Input should be greater than or equal to": "expected at least",
    "Input should be a valid": "expected a valid",
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
    "Input should be": "expected",
}
"""What the library says of a value, and how it is said here."""
app = typer.Typer(
    name="workbench",
    help="Celery or asyncio? Runs the same I/O-bound workloads on both sides and measures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(program)
app.command()(command(decide))
app.command()(command(size))
app.command()(command(run))
app.command()(command(ladder))
app.command()(command(worker))
app.command()(driver)
app.command(name="list")(list_)
app.command()(report)
app.command()(serve)
app.command()(submit)
app.command()(command(compare))
app.command()(command(ab))
app.command()(doctor)
app.command()(fleet)
app.command()(explain)


def main() -> NoReturn:
    """Entry point of `workbench`: an error is one message and its exit status, never a traceback."""
    exit_when_interrupted()
    streams.protect()
    status = _status()
    if (failure := streams.failure()) is not None:
        print(f"workbench: {failure}", file=sys.stderr)
        status = status or 1
    sys.exit(status)


def _status() -> int:
    """Run the command; returns its exit status."""
    try:
        with as_internal_error():
            ended = app(standalone_mode=False)
    except TyperException as error:
        return _bad_usage(error)
    except typer.Abort:
        return INTERRUPTED
    except WorkbenchError as error:
        print(f"workbench: {said_for(_command(), str(error))}", file=sys.stderr)
        return error.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return ended if isinstance(ended, int) else 0


def _command() -> str:
    """That was given; empty if there is none."""
    return next((word for word in sys.argv[1:] if not word.startswith("-")), "")


def _bad_usage(error: TyperException) -> int:
    """Say what is wrong with the command line in our words: without the prefixes of the library that checked it."""
    show, context = getattr(error, "format_message", None), getattr(error, "ctx", None)
    text = str(show() if show else error)
    if text.startswith("Usage:"):  # no arguments: the help
        print(text)
    else:
        for theirs, ours in OURS.items():
            text = text.replace(theirs, ours)
        said = text.rstrip(".")
        print(f"workbench: {said[:1].lower()}{said[1:]}.", file=sys.stderr)
        if context is not None:
            print(f"Try '{context.command_path} -h' for help.", file=sys.stderr)
    return int(getattr(error, "exit_code", 2))


def entry_point() -> NoReturn:
    """`workbench` as a process: ends at once with the status of `main`.

    Python's own end would wait for nothing either, but take modules apart while daemon threads still ask brokers; and
    msgspec 0.22 may crash there, when its types are collected (status 139 after a run that was done).
    """
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)

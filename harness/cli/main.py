"""`workbench`: assembles the commands. Each imports what it needs when it runs, so that `--help` is fast."""

import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.exceptions import TyperException

from harness.cli import streams
from harness.cli.command import command
from harness.cli.last_resort import as_internal_error
from harness.cli.version import program
from harness.errors import INTERRUPTED, WorkbenchError
from harness.report.words.options import said_for
from harness.results.text import printable

COMMANDS = {
    "decide": "Celery or asyncio for one job?",
    "size": "How many do I need?",
    "run": "Run a plan and print its tables.",
    "ladder": "Change one setting of a side at a time: what each gains and costs.",
    "worker": "Start a Celery worker that waits for runs.",
    "driver": "Start a driver that waits for runs.",
    "list": "List workloads with their parameters, contenders with their settings, loads, plans.",
    "report": "Show the report of a run again, in any format, and draw its charts.",
    "serve": "Serve the reports of a folder as pages, live during a run, until Ctrl-C.",
    "submit": "Write a run's document for the board of measurements.",
    "compare": "Compare two runs cell by cell.",
    "ab": "Measure two checkouts or environments in turns.",
    "doctor": "Check this machine, and say how to fix what is missing.",
    "fleet": "Show who waits for runs on a broker.",
    "explain": "Say what a word of a report means.",
}
"""In the order of the help, with what it says of each; each is a function in a module of its name."""
ELSEWHERE = {"list": ("listing", "list_")}
"""Modules and functions of other names."""
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
WORD_MOST = 300
"""Characters of a word of the command line that a message quotes."""
COMPLETION = "_WORKBENCH_COMPLETE"
"""Set where a shell asks what may come next, of any command."""


def assembled(asked: str | None = None) -> typer.Typer:
    """All commands; of all but the one that is asked, if any, the name alone: what they import takes time."""
    app = typer.Typer(
        name="workbench",
        help="Celery or asyncio? Runs the same I/O-bound workloads on both sides and measures.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(program)
    for name, says in COMMANDS.items():
        function = _function(name) if asked in (None, name) else (lambda: None)
        app.command(name=name, short_help=says)(function)
    return app


def _function(name: str) -> Callable[..., Any]:
    """What a command calls: its options are parameters, or the fields of its one parameter."""
    module, called = ELSEWHERE.get(name, (name, name))
    function: Callable[..., Any] = getattr(importlib.import_module(f"harness.cli.{module}"), called)
    return command(function) if list(inspect.signature(function).parameters) == ["options"] else function


def main() -> NoReturn:
    """What `harness.cli.entry` runs: an error is one message and its exit status, never a traceback."""
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
            ended = assembled(None if COMPLETION in os.environ else _command())(standalone_mode=False)
    except TyperException as error:
        return _bad_usage(error)
    except typer.Abort:
        return INTERRUPTED
    except WorkbenchError as error:
        print(f"workbench: {_shown(said_for(_command(), str(error)))}", file=sys.stderr)
        return error.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return ended if isinstance(ended, int) else 0


def _shown(text: str) -> str:
    """A message for the terminal: words of the command line are cut, and no URL in one is shown with a password."""
    for word in sys.argv[1:]:
        url = word.partition("://")[2]  # without what stands before it, such as --option=
        for form in _forms(url) if "@" in url else ():
            text = text.replace(form, "***")
        for form in _forms(word):
            if len(form) > WORD_MOST:
                text = text.replace(form, f"{form[:WORD_MOST]}…")
    return printable(text)


def _forms(word: str) -> tuple[str, str, str]:
    """As a message may quote it: as it is, as a path, as Python writes it."""
    return word, str(Path(word)), repr(word)[1:-1]


def _command() -> str:
    """That was given; empty if there is none."""
    return next((word for word in sys.argv[1:] if not word.startswith("-")), "")


def _meant(text: str) -> str:
    """`. Did you mean 'plans'?` of a message that names what was given and all that it may be; else nothing."""
    given, _, allowed = text.rpartition(" is not one of ")
    nearest = get_close_matches(given.rpartition("'")[0].rpartition("'")[2], re.findall(r"'([^']+)'", allowed), n=1)
    return f". Did you mean {nearest[0]!r}?" if given and nearest else ""


def _bad_usage(error: TyperException) -> int:
    """Say what is wrong with the command line in our words: without the prefixes of the library that checked it."""
    show, context = getattr(error, "format_message", None), getattr(error, "ctx", None)
    text = str(show() if show else error)
    if text.startswith("Usage:"):  # no arguments: the help
        print(text)
    else:
        for theirs, ours in OURS.items():
            text = text.replace(theirs, ours)
        said = f"{text.rstrip('.')}{_meant(text)}"
        end = "" if said.endswith("?") else "."
        print(f"workbench: {_shown(said[:1].lower() + said[1:])}{end}", file=sys.stderr)
        if context is not None:
            print(f"Try '{context.command_path} -h' for help.", file=sys.stderr)
    return int(getattr(error, "exit_code", 2))

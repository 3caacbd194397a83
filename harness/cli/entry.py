"""`workbench` as a process: takes signals before it imports what takes time, and ends at once with its status."""

import os
import sys
from typing import NoReturn

from harness.cli.signals import exit_when_interrupted
from harness.machine.garbage import collect_seldom


def entry_point() -> NoReturn:
    """Ends with the status of `harness.cli.main.main`, or with that of an interruption, also while it is imported.

    Python's own end would wait for nothing either, but take modules apart while daemon threads still ask brokers; and
    msgspec 0.22 may crash there, when its types are collected (status 139 after a run that was done).
    """
    try:
        exit_when_interrupted()
        collect_seldom()
        from harness.cli.main import main  # not before: it takes a tenth of a second, and Ctrl-C may come in it

        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)

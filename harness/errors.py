"""The errors that a user can see; each message names the value, its place and the remedy.

WorkbenchError                  (exit 1)
├── UsageError                  (exit 2)  bad option, plan or document
├── ServiceError                (exit 3)  no broker, origin or workers available
├── WriteError                  (exit 1)  a file could not be written
└── InternalError               (exit 70) a defect of the workbench
"""

from collections.abc import Iterable
from difflib import get_close_matches


class WorkbenchError(Exception):
    """Root of all errors that are shown to the user as one message, without a traceback."""

    exit_code = 1


class UsageError(WorkbenchError):
    """Raised when an option, a plan or a results document has an invalid value."""

    exit_code = 2


class ServiceError(WorkbenchError):
    """Raised when a broker, an origin or workers are not available, or were lost for good."""

    exit_code = 3


class WriteError(WorkbenchError):
    """Raised when a file cannot be written, such as on a full disk."""


class InternalError(WorkbenchError):
    """Raised for any other exception, which is a defect of the workbench; the status is EX_SOFTWARE of sysexits.h."""

    exit_code = 70


INTERRUPTED = 130
"""Exit status after Ctrl-C, SIGTERM or SIGHUP; what was measured is saved."""

WROTE_NOTHING = "(it wrote nothing)"
"""In place of the last lines of a process."""


def unknown(kind: str, name: str, where: str, valid: Iterable[str]) -> UsageError:
    """The error for a name that is not in `valid`; its message suggests the nearest one and lists all."""
    names = sorted(valid)
    nearest = get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return UsageError(f"unknown {kind} {name!r} in {where}.{hint} Valid: {', '.join(names) or 'none'}.")

"""What becomes of an exception that nobody expected: one line for the user, the traceback in a file."""

import contextlib
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.exceptions import TyperException

from harness.errors import InternalError, ServiceError, WorkbenchError, WriteError

FILE = "internal-error.log"


@contextlib.contextmanager
def as_internal_error(folder: Path | None = None) -> Iterator[None]:
    """Raise InternalError for any other exception, with its traceback written into `folder`, or a temporary file."""
    try:
        yield
    except (WorkbenchError, TyperException, typer.Exit):  # the last two are the command line's own
        raise
    except Exception as error:
        from harness.machine.limits import exhausted, unwritable  # not before: it is heavy, and help shall be fast

        if (reason := exhausted(error)) is not None:
            raise ServiceError(reason) from error
        if (reason := unwritable(error)) is not None:
            raise WriteError(reason) from error
        lines = traceback.format_exception(error)
        what = traceback.format_exception_only(error)[-1].strip().splitlines()[0]
        kept = _written("".join(lines), folder)
        where = f"The traceback is in {kept}; please report it." if kept else "The traceback could not be written."
        raise InternalError(f"internal error: {what}. {where}") from error


def _written(text: str, folder: Path | None) -> Path | None:
    """The file that holds `text` now; None if there is no place for one."""
    with contextlib.suppress(OSError):  # the folder is missing or the disk is full: the line that is printed must do
        if folder is not None and folder.is_dir():
            (folder / FILE).write_text(text, "utf-8")
            return folder / FILE
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="workbench-", suffix=".log", delete=False
        ) as file:
            file.write(text)
        return Path(file.name)
    return None

"""Standard output and standard error, either of which may be closed, full, or unable to encode what is printed."""

import contextlib
import io
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

STANDARD = (0, 1, 2)


class FaultTolerant(io.TextIOBase):
    """A text stream to which writing never fails; once the stream below it fails, nothing more is written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.failure: OSError | None = None
        """Why it could not be written. None if it was, or if its reader had closed it, as `head` does."""
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

    def write(self, text: str, /) -> int:
        """Write `text`, or nothing."""
        self._attempt(self._stream.write, text)
        return len(text)

    def flush(self) -> None:
        """Pass on what is buffered, if that is possible."""
        self._attempt(self._stream.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Of the stream below it."""
        return self._stream.encoding

    @property
    def buffer(self) -> Any:
        """Of the stream below it."""
        return self._stream.buffer

    def isatty(self) -> bool:
        """Whether the stream below it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Of the stream below it."""
        return self._stream.fileno()

    def _attempt(self, action: Callable[..., object], *arguments: object) -> None:
        try:
            action(*arguments)
        except BrokenPipeError:
            self._give_up()
        except OSError as error:
            self.failure = self.failure or error
            self._give_up()

    def _give_up(self) -> None:
        """Send what is still buffered, and all that follows, to nowhere: else Python fails on it again at its exit."""
        with contextlib.suppress(OSError, ValueError):  # it has no descriptor, and so is never flushed at the exit
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def protect() -> None:
    """Let nothing that is printed end the program, and no file be opened in the place of a closed standard stream."""
    for descriptor in STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free descriptor, which is this one
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, FaultTolerant):
            setattr(sys, name, FaultTolerant(stream))


def failure() -> str | None:
    """Why standard output could not be written; None if it was."""
    stream = sys.stdout
    if not isinstance(stream, FaultTolerant):  # closed from the start: whoever closed it wants nothing
        return None
    stream.flush()
    if stream.failure is None:
        return None
    return f"standard output could not be written: {stream.failure.strerror}."

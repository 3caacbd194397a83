"""Text that others wrote, as a terminal or a line shows it: nothing in it is markup or a command to the terminal."""

import re

from harness.errors import WROTE_NOTHING

LAST_LINES = re.compile(r"[;.] [Ii]ts last lines:$")
"""How an error announces what a process wrote last."""
EXCEPTION = re.compile(r"\b[A-Z]\w*(Error|Exception|Refused|Lost)\b: ")


def in_a_line(error: str) -> str:
    """An error's first line; with the last one that a process wrote, unless an exception is named already.

    Without its full stop, or what announces more lines.
    """
    first, *written = [line.strip() for line in error.splitlines() if line.strip()] or [""]
    said = LAST_LINES.sub("", first)
    if said != first and written[-1:] not in ([], [WROTE_NOTHING]) and not EXCEPTION.search(said):
        said = f"{said}: {written[-1]}"
    return said.rstrip(".:")


def printable(text: str) -> str:
    """Control characters, which move the cursor or change colours, written out; line ends and tabs as they are."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else _escaped(sign) for sign in text)


def as_given(value: object) -> str:
    """A parameter's value as people write it: `1` rather than `1.0`."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode()

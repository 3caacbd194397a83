"""Text that others wrote, as a terminal or a line shows it: nothing in it is markup or a command to the terminal."""

import re

from harness.logs import reason_in

LAST_LINES = re.compile(r"[;.] [Ii]ts last lines:$")
"""How an error announces what a process wrote last."""
CONTROLS = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
"""Also those of the second range, and what changes the direction of writing."""
EXCEPTION = re.compile(r"\b[A-Z]\w*(Error|Exception|Refused|Lost)\b: ")


def in_a_line(error: str) -> str:
    """An error's first line; with what a process wrote last, if that is a reason and no exception is named already.

    Without its full stop, or what announces more lines.
    """
    first, *written = [line for line in error.splitlines() if line.strip()] or [""]
    said = LAST_LINES.sub("", first.strip())
    if said != first.strip() and not EXCEPTION.search(said) and (reason := reason_in(said, written)):
        said = f"{said}: {reason}"
    return said.rstrip(".:")


def printable(text: str) -> str:
    """Control characters, which move the cursor or change colours, written out; line ends and tabs as they are."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else _escaped(sign) for sign in text)


def readable(text: str) -> str:
    """The same for files, which a terminal may show too: only what a terminal obeys is written out, or turns text."""
    return CONTROLS.sub(lambda sign: _escaped(sign[0]), text)


def as_given(value: object) -> str:
    """A parameter's value as people write it: `1` rather than `1.0`."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode()

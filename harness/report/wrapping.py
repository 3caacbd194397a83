"""Lines of a terminal: a number and its unit stay in one line."""

import re
import textwrap

BESIDE_A_UNIT = re.compile(r"(?<=\d) (?=(?:%|µs|ms|s|min|kB|MB|GB|requests/s|times)(?![\w/]))")
KEPT = "\ue000"
"""Stands for a space at which no line may end: of one column, and in no text."""


def kept_together(text: str) -> str:
    """The text, with such spaces between its numbers and their units."""
    return BESIDE_A_UNIT.sub(KEPT, text)


def spaced(text: str) -> str:
    """The text of all lines, with spaces again."""
    return text.replace(KEPT, " ")


def wrapped_at(text: str, sign: str, columns: int) -> list[str]:
    """A name in lines of at most so many columns where it allows that: each further one begins with the sign."""
    first, *others = text.split(sign)
    lines = [first]
    for part in others:
        if len(lines[-1]) + len(sign) + len(part) <= columns:
            lines[-1] += sign + part
        else:
            lines.append(sign + part)
    return lines


def wrapped(text: str, columns: int, *, first: str = "", later: str = "") -> list[str]:
    """Its lines of at most so many columns; `first` and `later` stand before them."""
    lines = textwrap.wrap(
        kept_together(text), columns, initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    )
    return list(map(spaced, lines))

"""Says what is wrong with a value in the words of a plan's file, not in those of the library that checked it."""

import re
from typing import Any, Literal, get_args, get_origin

import msgspec

NAMES = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
"""The library's names of types, and how they are called here."""


def in_words(error: msgspec.ValidationError) -> str:
    """`duration: expected text, got a whole number`."""
    text, _, place = str(error).partition(" - at `")
    key = place.removesuffix("`").removeprefix("$").removeprefix(".")
    key = re.sub(r"\[(\d+)\]", lambda match: f" {int(match[1]) + 1}", key)  # as people count
    said = re.sub(r"`([^`]+)`", lambda match: _named(match[1]), text)
    said = re.sub(r"(\d+\.\d{4,}(?:e-?\d+)?)", lambda match: f"{float(match[1]):.3g}", said)
    return f"{key}: {said[:1].lower()}{said[1:]}" if key else f"{said[:1].lower()}{said[1:]}"


def choices(hint: Any) -> tuple[str, ...]:
    """The words that a parameter of that type may be; empty if it may be something else too."""
    hint = getattr(hint, "__value__", hint)  # of a type alias
    if get_origin(hint) is Literal:
        return tuple(map(str, get_args(hint)))
    inner = getattr(hint, "__origin__", None) if hasattr(hint, "__metadata__") else None
    return choices(inner) if inner is not None else ()


def _named(types: str) -> str:
    return " or ".join(NAMES.get(name.strip(), name.strip()) for name in types.split("|"))

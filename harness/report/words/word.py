"""What an entry of the glossary is."""

from typing import Literal, NamedTuple

Kind = Literal["figure", "row", "comparison", "load", "doubt", "status", "limit", "spoiler", "crash"]
KINDS: dict[Kind, str] = {
    "figure": "Figures",
    "row": "What a row is",
    "comparison": "Comparisons",
    "load": "Loads",
    "crash": "Crashes",
    "limit": "What limits a row",
    "status": "Statuses",
    "doubt": "Doubts",
    "spoiler": "What spoils a decision",
}
"""The sections of docs/words.md, in their order."""


class Word(NamedTuple):
    """One word: what it means, what to do about it, an example."""

    name: str
    kind: Kind
    means: str
    do: str = ""
    example: str = ""
    weighs: bool = False
    """Of a doubt: whether it is named wherever the row's figures are used, and a ratio with it is drawn in grey."""
    also: tuple[str, ...] = ()
    """Other names under which it is asked for."""

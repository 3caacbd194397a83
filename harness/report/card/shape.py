"""What a card is: values that every format shows."""

from typing import NamedTuple


class CardPair(NamedTuple):
    """One line of the figures of both sides."""

    name: str
    asyncio: str
    celery: str


CardLine = tuple[str, ...]
"""What a line of a card is called, and a text for each of its columns."""


class SizeCard(NamedTuple):
    """What a rate takes, at first sight: a column for each contender."""

    title: str
    heads: tuple[str, ...]
    lines: list[CardLine]
    parts: list[tuple[str, list[str]]]
    """The texts below the figures, each list under its heading; the most important one first."""
    headline: str = ""
    sure: str = ""
    """How sure that is, in a line."""
    question: str = "How many do I need?"


class Card(NamedTuple):
    """The verdict at first sight (`harness.report.card`)."""

    title: str
    heads: tuple[str, str, str]
    lines: list[CardPair]
    otherwise: list[str]
    """What would have to be true for the other choice."""
    advice: list[str]
    doubts: list[str]
    found: list[str]
    """What the job is, and what was chosen for the run."""
    headline: str = ""
    """What the advice comes to, in at most 15 words."""
    sure: str = ""
    """How sure that is, in a line."""
    question: str = "Celery or asyncio?"

    @property
    def parts(self) -> list[tuple[str, list[str]]]:
        """The texts below the figures, each list under its heading."""
        return [
            ("Advice", self.advice),
            ("What would change this", self.otherwise),
            ("Doubts", self.doubts),
            ("What was found and chosen", self.found),
        ]

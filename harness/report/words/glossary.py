"""All words, how one is found by what a user types, and what a page explains."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from harness.errors import UsageError
from harness.report.first.screen import FirstScreen
from harness.report.table import Report
from harness.report.words.doubts import DOUBTS
from harness.report.words.spoilers import SPOILERS
from harness.report.words.terms import TERMS
from harness.report.words.word import KINDS, Word

WORDS = (*TERMS, *DOUBTS, *SPOILERS)
OF_COLUMNS = {
    "slots": "slots",
    "throughput": "throughput",
    "ceiling": "ceiling",
    "p50": "percentile",
    "p90": "percentile",
    "p99": "percentile",
    "cpu": "CPU a request",
    "memory": "memory",
    "bottleneck": "limited by",
    "lag": "loop lag",
    "uncorrected": "p99 from send",
    "interval": "interval",
    "overhead": "slot overhead",
    "floor": "floor",
}
"""Key of a column → the word that its tooltip explains."""
NO_EXAMPLE_ON_PAGE = frozenset({"doubt", "spoiler"})
"""Kinds whose examples `workbench explain` alone shows: there are many, and a row says its own case."""
OF_SENTENCES = (
    *("indicative", "seen once", "undecided", "not compared", "matched slots", "matched resources", "ceiling"),
    *("rows", "row"),
)
"""What a first screen says without explaining it: where a page first has one of these, it carries its meaning."""
IN_A_SENTENCE = re.compile(rf"(?<![\w-])({'|'.join(OF_SENTENCES)})(?![\w-])", re.IGNORECASE)


def _by_name() -> dict[str, list[Word]]:
    """Each name → its words: a figure and a doubt may have the same."""
    found: dict[str, list[Word]] = {}
    for word in WORDS:
        for name in (word.name, *word.also):
            found.setdefault(_plain(name), []).append(word)
    return found


def _plain(text: str) -> str:
    """As it is compared: lower case, one space for what separates words."""
    return re.sub(r"[\s_-]+", " ", text.strip().lower())


NAMES = _by_name()


def find(text: str) -> list[Word]:
    """The words of that name, however it is spelt; raises UsageError with the nearest ones."""
    plain = _plain(text).removeprefix("doubt, ")
    kind, colon, _ = plain.partition(":")
    for name in (plain, kind if colon else plain, plain.removesuffix("s")):
        if name in NAMES:
            return NAMES[name]
    near = get_close_matches(plain, NAMES, n=3, cutoff=0.5)
    hint = f" Did you mean {', '.join(NAMES[name][0].name for name in near)}?" if near else ""
    raise UsageError(f"{text!r} is none of the words that are explained.{hint} `workbench explain` lists all.")


TOOLTIPS: dict[str, str] = {key: NAMES[_plain(name)][0].means for key, name in OF_COLUMNS.items()}


def pieces(text: str) -> Iterator[tuple[str, Word | None]]:
    """The text in pieces, those that are such a word with what they mean."""
    for place, piece in enumerate(IN_A_SENTENCE.split(text)):
        yield piece, NAMES[_plain(piece)][0] if place % 2 else None


def words_of(first: FirstScreen) -> list[Word]:
    """Such words of a first screen, each once, in their order."""
    found = {word.name: word for text in first.texts for _, word in pieces(text) if word is not None}
    return list(found.values())


def used_in(report: Report) -> list[Word]:
    """The words of its first screen, of its columns and of its doubts, for the foot of a page."""
    columns = {column.key for table in report.tables for column in table.columns}
    texts = " ".join(note.text for table in report.tables for note in table.notes)
    wanted = {OF_COLUMNS[key] for key in columns if key in OF_COLUMNS} | {word.name for word in words_of(report.first)}
    return [word for word in WORDS if word.name in wanted or (word.kind == "doubt" and word.name in texts)]


def in_words(word: Word) -> str:
    """As the terminal shows it."""
    lines = [f"{word.name} ({word.kind})", "", word.means]
    lines += [f"What to do: {word.do}"] if word.do else []
    lines += [f"Example: {word.example}"] if word.example else []
    return "\n".join(lines)


def listing() -> str:
    """All words by their kinds."""
    return "\n\n".join(f"{title}:\n  {', '.join(word.name for word in words)}" for title, words in _by_kind())


def as_markdown() -> str:
    """All words, as docs/words.md shows them: what to do in italics, an example in brackets."""
    sections = []
    for title, words in _by_kind():
        entries = (" ".join(filter(None, _entry(word))) for word in words)
        sections.append("\n\n".join([f"## {title}", *entries]))
    return "\n\n".join(sections) + "\n"


def _entry(word: Word) -> Iterator[str]:
    yield f"**{word.name}**: {word.means}"
    yield f"*{word.do}*" if word.do else ""
    yield f"({word.example.removesuffix('.')})" if word.example and word.kind not in NO_EXAMPLE_ON_PAGE else ""


def _by_kind() -> Iterator[tuple[str, list[Word]]]:
    for kind, title in KINDS.items():
        yield title, [word for word in WORDS if word.kind == kind]

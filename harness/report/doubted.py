"""The doubts that a row's figures carry wherever they are used: in sentences, in rows of an overview, beside charts."""

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.report.words.doubts import ORDER, WEIGHING
from harness.results.model import Cell

MARK = "?"
"""Beside a figure that has such a doubt."""
NAMED_MOST = 4
"""So many rows are named; more are counted."""


def kinds_of(cells: Iterable[Cell]) -> tuple[str, ...]:
    """The kinds of doubt that weigh on any of these rows, in the glossary's order."""
    return tuple(_rows(cells))


def leading(rows: Iterable[Sequence[str]]) -> str:
    """Of the kinds that weigh on several rows, the one that explains most of them; empty where nothing weighs.

    A row counts for the first of its kinds in the glossary's order, in which what explains others comes first.
    """
    firsts = Counter(min(kinds, key=ORDER.__getitem__) for kinds in rows if kinds)
    return max(firsts, key=lambda kind: (firsts[kind], -ORDER[kind])) if firsts else ""


def in_a_sentence(cells: Iterable[Cell], *, but: frozenset[str] = frozenset()) -> str:
    """` Doubts: noisy-machine (asyncio:16, celery-solo:1), drifting (asyncio:16).`; empty where nothing weighs.

    `but`: kinds that another sentence tells.
    """
    named = [f"{kind} ({_named(labels)})" for kind, labels in _rows(cells).items() if kind not in but]
    return f" Doubts: {', '.join(named)}." if named else ""


def _named(labels: dict[str, None]) -> str:
    return ", ".join(labels) if len(labels) <= NAMED_MOST else f"{len(labels)} rows"


def _rows(cells: Iterable[Cell]) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for cell in cells:
        for doubt in cell.summary.doubts if cell.summary else ():
            if doubt.kind in WEIGHING:
                found.setdefault(doubt.kind, {})[cell.label] = None
    return dict(sorted(found.items(), key=lambda item: ORDER[item[0]]))

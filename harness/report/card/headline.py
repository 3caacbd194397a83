"""The headline of a card: what its advice comes to, as one sentence of at most 15 words."""

from collections.abc import Iterator

from harness.report.first.headline import fitting

ENDS = ((": ", "; ", " ("), (", ",))
"""Where a sentence may be cut: rather at the first of these than at the others."""


def of_advice(text: str, *, uncertain: str = "") -> str:
    """Its first sentence, or as much of it as fits; `uncertain`: what makes it so, in brackets."""
    return fitting(_shorter(text.partition(". ")[0].rstrip(".")), uncertain=uncertain)


def _shorter(sentence: str) -> Iterator[str]:
    """From the longest to the shortest; no bracket stays open."""
    yield sentence
    for ends in ENDS:
        places = [at for at in range(len(sentence)) if sentence.startswith(ends, at)]
        for place in reversed(places):
            if (kept := sentence[:place]).count("(") == kept.count(")"):
                yield kept

"""The card of a run, of whichever kind it is."""

from harness.report.card.card import card_of
from harness.report.card.shape import Card, SizeCard
from harness.report.card.size import size_card
from harness.results.model import Results


def any_card(results: Results) -> Card | SizeCard | None:
    """Of `workbench decide` or of `workbench size`; None of other runs."""
    return card_of(results) or size_card(results)

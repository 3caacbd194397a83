"""What limits a rate, by what moves it (`--why`). Pure functions."""

from typing import NamedTuple

from harness.results.model import Comparison, Results, View


class Change(NamedTuple):
    """One thing changed of a row, and what became of its rate."""

    view: View
    limit: str
    """What limits the rate if this change moves it."""
    effect: Comparison | None
    """None if the change was not measured."""

    @property
    def name(self) -> str:
        """The change, without the row."""
        return self.view.name.partition(": ")[0]

    @property
    def moves(self) -> bool:
        """Whether the rate is higher with the change, by its interval and by more than two equal rows differ."""
        return self.effect is not None and self.effect.verdict == "faster"

    @property
    def is_open(self) -> bool:
        """Whether its rounds do not show what it does."""
        return self.effect is None or self.effect.verdict in (None, "undecided")


def searched(results: Results) -> dict[str, list[Change]]:
    """Id of each row whose limit was looked for → its changes, the one that moves the rate most first."""
    found: dict[str, list[Change]] = {}
    for view in results.run.views:
        if view.rung is not None and view.rung.limit:
            effects = [effect for effect in results.comparisons if effect.view == view.name]
            change = Change(view, view.rung.limit, effects[0] if effects else None)
            found.setdefault(view.rung.target, []).append(change)
    return {target: sorted(changes, key=_least_moving) for target, changes in found.items()}


def _least_moving(change: Change) -> float:
    return -change.effect.ratio if change.effect is not None else 0.0

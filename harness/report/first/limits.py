"""The headline of a run that looked for what limits a rate (`--why`), and compares nothing else."""

from collections.abc import Sequence

from harness.report.doubted import kinds_of
from harness.report.first.certainty import UNKNOWN, doubted_in, evidence_of
from harness.report.first.headline import fitting, qualifiers_of
from harness.report.first.screen import Certainty, bound
from harness.report.wording import listed
from harness.results.model import Cell, Results
from harness.statistics.limits import Change, searched
from harness.statistics.metrics import BY_KEY


def of_limits(results: Results) -> tuple[str, Certainty] | None:
    """Of the first row whose limit was looked for; None where there is none."""
    cells = {cell.id: cell for cell in results.cells}
    for target, changes in searched(results).items():
        if any(change.effect is not None for change in changes):
            names = {change.view.name for change in changes}
            tried = [cell for cell in results.cells if names & set(cell.views)]
            return _headline(cells[target], changes, tried), _certainty(changes, tried)
    return None


def _headline(target: Cell, changes: Sequence[Change], tried: Sequence[Cell]) -> str:
    """What moves its rate most, and by how much."""
    first = changes[0]
    if first.moves and first.effect is not None:
        by_how_much = f"with {first.name}, {BY_KEY[first.effect.metric].told(first.effect.ratio)}"
        said = f"{target.label} is limited by {first.limit}; {by_how_much}"
    elif any(change.is_open for change in changes):
        said = f"undecided what limits {target.label}"
    else:
        said = f"{target.label} is limited by nothing that was tried"
    return fitting([f"{target.workload}: {said}", said], uncertain=qualifiers_of([target, *tried]))


def _certainty(changes: Sequence[Change], tried: Sequence[Cell]) -> Certainty:
    """The change that moves it most; how much each of those moves it that do, and which are not decided."""
    moving = [change for change in changes if change.moves]
    left = [change.name for change in changes if change.is_open]
    doubts = [kinds_of([cell]) for cell in tried]
    sure = [
        evidence_of(tried),
        *(_told(change) for change in moving),
        f"undecided: {listed(left)}" if left else "",
        doubted_in(doubts),
    ]
    probably = "probably " if any(doubts) else ""
    use = f"{probably}{moving[0].name}: it moves the rate most" if moving else UNKNOWN
    return Certainty(use, "; ".join(filter(None, sure)))


def _told(change: Change) -> str:
    """`+2-workers 1.22 to 1.25 times (95 %)`."""
    if change.effect is None or change.effect.ci95 is None:
        return ""
    low, high = map(bound, change.effect.ci95)
    return f"{change.name} {low} to {high} times (95 %)"

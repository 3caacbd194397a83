"""What the answer says of a search for what limits a rate (`--why`)."""

from collections.abc import Iterator

from harness.report.answers.figures import carried
from harness.report.wording import interval_of, inverse, listed
from harness.results.model import Cell, Results
from harness.statistics.limits import Change, searched
from harness.statistics.metrics import BY_KEY


def sentences(results: Results) -> Iterator[str]:
    """One for each row whose limit was looked for."""
    cells = {cell.id: cell for cell in results.cells}
    for target, changes in searched(results).items():
        if any(change.effect is not None for change in changes):
            yield f"Why no more, {_row(cells[target])}: {_limit(changes)}{carried([cells[target]])}"


def _row(cell: Cell) -> str:
    return f"{cell.workload}, {cell.label}, {cell.load.text}"


def _limit(changes: list[Change]) -> str:
    moving = [change for change in changes if change.moves]
    others = [change for change in changes if not change.moves and not change.is_open]
    undecided = [change for change in changes if change.is_open]
    parts = []
    if moving:
        first = moving[0]
        parts.append(f"{first.limit}: {_moved(first)} moves it")
        if moving[1:]:
            parts.append(f"so do, less, {listed([_moved(change) for change in moving[1:]])}")
        if others:
            parts.append(f"not: {listed([_moved(change) for change in others])}")
    elif others:
        parts.append(f"nothing of these moved it: {listed([_moved(change) for change in others])}")
    if undecided:
        parts.append(f"undecided: {listed([_moved(change) for change in undecided])}")
    return "; ".join(parts) + "."


def _moved(change: Change) -> str:
    effect = change.effect
    if effect is None:
        return f"{change.name} (not measured)"
    interval = effect.ci95 and (effect.ci95 if effect.ratio >= 1 else inverse(effect.ci95))
    said = f", {interval_of(interval)}" if interval else ""
    return f"{change.name} ({BY_KEY[effect.metric].told(effect.ratio)}{said})"

"""Which cells of a view are compared: its groups, their bases and their rivals. Pure functions."""

from collections.abc import Iterator

from harness.results.model import Cell, View


def groups(cells: list[Cell], view: View) -> Iterator[list[Cell]]:
    """The view's cells that share workload, parameters and load, and what else it matches, in the plan's order."""
    members = [cell for cell in cells if view.name in cell.views]
    by_setting: dict[tuple[str, str, str, int | None], list[Cell]] = {}
    for cell in members:
        matched = cell.slots if view.matched in ("slots", "layers") else None
        by_setting.setdefault((cell.workload, repr(cell.params), repr(cell.load), matched), []).append(cell)
    yield from by_setting.values()


def base_of(group: list[Cell]) -> Cell:
    """The cell that the others of its group are compared with: its first asyncio contender, untuned if there is one."""
    own = [cell for cell in group if cell.side == "asyncio"] or group[:1]
    return next((cell for cell in own if not cell.tuning), own[0])


def bases_of(group: list[Cell]) -> list[Cell]:
    """The base; and its side's first tuned contender, where the other side is tuned too."""
    base = base_of(group)
    tuned = [cell for cell in group if cell.tuning]
    if base.tuning or not any(cell.side != base.side for cell in tuned):
        return [base]
    return [base, *[cell for cell in tuned if cell.side == base.side][:1]]


def compared_with(base: Cell, group: list[Cell]) -> list[Cell]:
    """The cells that this base is compared with: untuned ones only with the group's own base."""
    others = [cell for cell in group if cell is not base]
    if not base.tuning or base is base_of(group):
        return others
    return [cell for cell in others if cell.tuning]


def rivals_of(group: list[Cell], base: Cell) -> list[Cell]:
    """Contenders of the other side that are tuned as the base is; all of them where none is.

    A reference shows what a figure is made of; it is a rival only where there is no other.
    """
    others = [cell for cell in group if cell.side != base.side]
    others = [cell for cell in others if cell.side != "reference"] or others
    return [cell for cell in others if bool(cell.tuning) == bool(base.tuning)] or others


def tuned_alone(group: list[Cell]) -> str | None:
    """The side that has tuned contenders with figures while the other has none; None if there is no such side."""
    measured = [cell for cell in group if cell.summary]
    tuned = {cell.side for cell in measured if cell.tuning}
    return tuned.pop() if len(tuned) == 1 and len({cell.side for cell in measured}) > 1 else None

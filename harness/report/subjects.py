"""How a group of cells is called in sentences, overviews and headings: what tells it from the others of its run."""

from collections.abc import Sequence

from harness.registry import defaults
from harness.results.model import NOT_SENT, Cell, Results, View
from harness.results.text import as_given

AS_GIVEN = "as given"
"""In older documents, the name of the view of what was given on the command line, in a plan named after another one."""


def run_name(results: Results) -> str:
    """The plan; of what was given on the command line, its workloads and contenders."""
    names = [view.name for view in results.run.views]
    if names != [AS_GIVEN]:
        return results.run.plan or "run"
    cells = [cell for cell in results.cells if AS_GIVEN in cell.views]
    workloads, contenders = (
        dict.fromkeys(texts) for texts in zip(*((c.workload, c.label) for c in cells), strict=True)
    )
    return f"{', '.join(workloads)} × {', '.join(contenders)}"


def workload_of(results: Results, cell: Cell) -> str:
    """The workload, with the parameters that tell this cell from others of it.

    That are those in which cells of its views differ; and changed ones in which cells of other views do.
    """
    views = {view.name for view in results.run.views}
    others = [other for other in results.cells if other.workload == cell.workload and views & set(other.views)]
    beside = [other for other in others if set(other.views) & set(cell.views)]
    usual = defaults(cell.workload)
    differing = [
        f"{key}={as_given(value)}"
        for key, value in cell.params.items()
        if any(other.params.get(key) != value for other in beside)
        or (usual.get(key) != value and any(other.params.get(key) != value for other in others))
    ]
    return f"{cell.workload} with {' and '.join(differing)}" if differing else cell.workload


def load_of(results: Results, view: View, cell: Cell) -> str:
    """The load, where the view has several."""
    loads = {member.load.text for member in results.cells if view.name in member.views}
    return f", {cell.load.text}" if len(loads) > 1 else ""


def slots_of(results: Results, view: View, cell: Cell) -> str:
    """The slots, where the view matches several numbers of them."""
    slots = {member.slots for member in results.cells if view.name in member.views}
    return f", {cell.slots} slots" if view.matched == "slots" and len(slots) > 1 else ""


def row_of(results: Results, view: View, cell: Cell) -> str:
    """A row of the overview: workload, slots and load, and the view where another one has the same workload."""
    others = [each.name for each in results.run.views if each.rung is None and each.name != view.name]
    also = any(other.workload == cell.workload and set(others) & set(other.views) for other in results.cells)
    parts = f"{workload_of(results, cell)}{slots_of(results, view, cell)}{load_of(results, view, cell)}"
    return f"{parts}, {view.name}" if also else parts


def title_of(cell: Cell, *others: Cell, beside: Sequence[Cell] = ()) -> str:
    """The workload with the parameters that were changed, or that tell it from cells `beside` it.

    Those that have no effect in any cell are `not sent`.
    """
    cells = (cell, *others)
    unsent = {key for key in cell.params if all(NOT_SENT in each.not_in_effect.get(key, "") for each in cells)}
    usual = defaults(cell.workload)
    params = ", ".join(
        f"{key}: {NOT_SENT}" if key in unsent else f"{key}={as_given(value)}"
        for key, value in cell.params.items()
        if key in unsent or key not in usual or usual[key] != value or any(c.params.get(key) != value for c in beside)
    )
    return f"{cell.workload} ({params})" if params else cell.workload

"""How a run that goes on names what a trial measures."""

from harness.registry import defaults
from harness.results.model import Cell
from harness.results.text import as_given


def work_of(cell: Cell) -> str:
    """The workload, with the parameters that were changed: rows of a sweep differ in nothing else."""
    usual = defaults(cell.workload)
    changed = [f"{key}={as_given(cell.params[key])}" for key in usual if cell.params.get(key, usual[key]) != usual[key]]
    return f"{cell.workload} ({', '.join(changed)})" if changed else cell.workload

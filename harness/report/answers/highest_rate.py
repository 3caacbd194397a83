"""The answer of a search: the highest rate at which a limit holds, and what limited it."""

from harness.report.answers.figures import carried
from harness.report.wording import counted
from harness.results.model import Cell, HighestRate


def sentence(subject: str, cell: Cell, search: HighestRate) -> str:
    """What was found; or why nothing was."""
    if search.rate_per_s is None:
        outcome = "no rate was found" if search.status == "not_found" else "the search did not finish"
        why = f": {search.why}" if search.why else ""
        return f"{subject}: {cell.label}: {outcome} for {search.limit}{why}."
    parts = [
        f"{subject}: {cell.label} holds {search.limit} up to {search.rate_per_s:,.4g}/s",
        f", confirmed in {counted(len(cell.counted), 'round')}",
    ]
    if cell.summary and cell.summary.throughput_ci95:
        low, high = cell.summary.throughput_ci95
        parts.append(f", serving {low:,.4g} to {high:,.4g}/s (95 % interval)")
    if search.failed_per_s:
        parts.append(f"; {search.failed_per_s:,.4g}/s did not hold")
    if search.limited_by:
        parts.append(f", limited by {search.limited_by}")
    return f"{''.join(parts)}.{carried([cell])}"

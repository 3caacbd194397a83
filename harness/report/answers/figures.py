"""What answers say about a single cell: its figures, and whether it sustained the rate."""

from collections.abc import Iterator

from harness.report.doubted import in_a_sentence
from harness.results.model import Cell
from harness.statistics.load_doubts import LOOP_BLOCKED, loop_blocked
from harness.statistics.metrics import THROUGHPUT, sustained
from harness.statistics.units import percent, rate_in_words


def kept_up(cell: Cell) -> bool:
    """Whether every trial sustained the rate of its load."""
    return all(sustained(trial) for trial in cell.counted)


def not_sustained(subject: str, cells: list[Cell]) -> Iterator[str]:
    """Rates above what a contender serves: its latency is then no property of it."""
    for cell in cells:
        if not kept_up(cell):
            rate = THROUGHPUT.of_cell(cell)
            served = f"it served {rate_in_words(rate)}/s" if rate is not None else _answered(cell)
            yield f"{subject}: {cell.label} did not sustain {cell.load.text}; {served}."


def carried(cells: list[Cell]) -> str:
    """The doubts that weigh on these rows, to end a sentence on them; rows of a sweep have one label."""
    shares: dict[str, list[float]] = {}
    for cell in cells:
        if (share := loop_blocked(cell)) is not None:
            shares.setdefault(cell.label, []).append(share)
    blocked = [
        f" The event loop of {label} was blocked for {_from_to(of_label)} of the window (loop-blocked): this shows "
        "what blocks it rather than asyncio."
        for label, of_label in shares.items()
    ]
    return "".join(blocked) + in_a_sentence(cells, but=frozenset({LOOP_BLOCKED}))


def _from_to(shares: list[float]) -> str:
    """`17 to 19 %`; one where they are the same."""
    low, high = percent(min(shares)), percent(max(shares))
    return high if low == high else f"{low.removesuffix(' %')} to {high}"


def figures(cell: Cell) -> str:
    """What it served, and the share of its ceiling where the load does not set the rate."""
    rate = THROUGHPUT.of_cell(cell)
    if cell.summary is None or rate is None:
        return f"{cell.label}: {_answered(cell)}"
    ceiling = cell.summary.percent_of_ceiling
    reached = (
        f", {percent(ceiling / 100, 1)} of its ceiling" if ceiling is not None and cell.load.kind != "open" else ""
    )
    return f"{cell.label} {rate_in_words(rate)} requests/s{reached}"


def _answered(cell: Cell) -> str:
    """In place of a rate, where requests were lost: what came through alone has none."""
    answered, asked = sum(trial.ok for trial in cell.counted), sum(trial.submitted for trial in cell.counted)
    return f"{answered:,} of {asked:,} requests were answered"

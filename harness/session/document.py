"""The results of a run as they grow: saved after every change."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from harness.accounting.summary import summary_of
from harness.plan.floor import floor_of, is_floor
from harness.results.decision import MOST
from harness.results.model import BrokerDescription, Cell, HighestRate, LoadDescription, Results, Trial, View
from harness.statistics.comparisons import comparisons
from harness.statistics.layers import layers
from harness.statistics.sweeps import scalings

WORST_FIRST: tuple[Literal["disqualified", "impossible", "measured", "failed"], ...] = (
    *("disqualified", "impossible"),
    *("measured", "failed"),
)
"""A cell's status is the first of these that one of its trials has; a disturbed one says nothing of it."""

LEFT_OUT = ("skipped", "not_supported")
"""Statuses of cells that were not to be measured here."""


class Document:
    """`results` is always the whole document as it stands."""

    def __init__(self, results: Results, save: Callable[[Results], None]) -> None:
        """Saves it at once: a run that ends before its first trial leaves a document too."""
        self.results = results
        self._save = save
        self._save(results)

    def cell(self, identity: str) -> Cell:
        """The cell as it stands."""
        return next(cell for cell in self.results.cells if cell.id == identity)

    def add_trial(self, identity: str, trial: Trial) -> None:
        """Another trial of a cell; one wrong reply disqualifies all of them."""
        cell = self.cell(identity)
        trials = [*cell.trials, trial]
        statuses = {trial.status for trial in trials}
        status = next((status for status in WORST_FIRST if status in statuses), cell.status)
        reason = next((trial.error for trial in trials if trial.status == status), None)
        self._put(msgspec.structs.replace(cell, trials=trials, status=status, reason=reason))

    def describe(self, cell: Cell) -> None:
        """A cell without trials, as its own services describe it. The next trial saves it."""
        cells = [cell if cell.id == known.id else known for known in self.results.cells]
        self.results = msgspec.structs.replace(self.results, cells=cells)

    def describe_brokers(self, brokers: Iterable[BrokerDescription]) -> None:
        """Brokers of a lane: of kinds that no lane before it has. The next trial saves them."""
        environment = self.results.environment
        known = {broker.server for broker in environment.brokers}
        more = [broker for broker in brokers if broker.server not in known]
        environment = msgspec.structs.replace(environment, brokers=[*environment.brokers, *more])
        self.results = msgspec.structs.replace(self.results, environment=environment)

    def begin_again(self, identity: str, load: LoadDescription) -> None:
        """The cell under another load, without the trials that it has."""
        cell = self.cell(identity)
        self._put(msgspec.structs.replace(cell, load=load, trials=[], summary=None, status="pending", reason=None))

    def note_rate(self, identity: str, highest: HighestRate) -> None:
        """What the search of a cell has found."""
        cell = msgspec.structs.replace(self.cell(identity), highest_rate=highest)
        if highest.status == "not_found":
            cell = msgspec.structs.replace(cell, status="failed", reason=f"no rate for {highest.limit}: {highest.why}")
        self._put(cell)

    def add_view(self, view: View, members: Iterable[str], new: list[Cell]) -> None:
        """A view, or more of one, of `members`, by id, and of cells that are new. The next trial saves it."""
        ids = set(members)
        known = [
            msgspec.structs.replace(cell, views=list(dict.fromkeys([*cell.views, view.name])))
            if cell.id in ids
            else cell
            for cell in self.results.cells
        ]
        self.results = msgspec.structs.replace(self.results, cells=known + new)
        if view.name not in {known.name for known in self.results.run.views}:
            self.note_run(views=[*self.results.run.views, view])

    def note_run(self, **changes: object) -> None:
        """Change what the results say of the run itself. The next trial saves it."""
        self.results = msgspec.structs.replace(self.results, run=msgspec.structs.replace(self.results.run, **changes))

    def finish(self, status: Literal["done", "interrupted", "failed"]) -> None:
        """Finish the document after the run: add what all of its cells show together."""
        self.note_run(status=status, finished=datetime.now(UTC).isoformat(timespec="seconds"))
        curves = scalings(self.results.cells, self.results.run.views)
        self.results = msgspec.structs.replace(self.results, scalings=curves)
        self._save(self.results)

    def _put(self, changed: Cell) -> None:
        """A cell in place of itself, with the summaries and comparisons that depend on it; save all."""
        cells = [changed if cell.id == changed.id else cell for cell in self.results.cells]
        cells = [_summarised(cell, cells) if _concerns(changed, cell) else cell for cell in cells]
        compared = comparisons(cells, self.results.run.views)
        taken_apart = layers(cells, self.results.run.views)
        self.results = msgspec.structs.replace(self.results, cells=cells, comparisons=compared, layers=taken_apart)
        self._save(self.results)


def _concerns(changed: Cell, other: Cell) -> bool:
    """Whether a cell's summary depends on another one: its own does, and its contender's floor."""
    same_contender = (changed.name, changed.slots) == (other.name, other.slots)
    return changed.id == other.id or (is_floor(changed) and same_contender)


def _summarised(cell: Cell, cells: list[Cell]) -> Cell:
    floor = floor_of(cells, cell.name, cell.slots)
    summary = summary_of(cell.trials, cell.ceiling_per_s, cell.settings, floor, is_floor=is_floor(cell))
    return msgspec.structs.replace(cell, summary=summary)


def succeeded(results: Results) -> bool:
    """Whether every request of every cell was answered well, and what was to be verified was right: else status 1."""
    is_decision, sizing = results.run.decision is not None, results.run.sizing
    if sizing is not None and sizing.asked_to_verify and sizing.verdict != "right":
        return False
    if results.run.time_up:
        begun = [cell for cell in results.cells if cell.status != "pending"]
        return any(cell.status == "measured" and not is_floor(cell) for cell in begun) and all(map(_succeeded, begun))
    return all(_succeeded(cell) for cell in results.cells if not (is_decision and _had_no_time(cell)))


def all_left_out(results: Results) -> str | None:
    """Why nothing was measured, where every row was left out; None where any was to be measured."""
    if any(cell.status not in LEFT_OUT for cell in results.cells):
        return None
    reasons = dict.fromkeys(cell.reason for cell in results.cells if cell.reason)
    return f"nothing was measured: {'; '.join(reasons)}" if reasons else None


def _had_no_time(cell: Cell) -> bool:
    """Whether a decision, whose time is limited, did not come to it, or found no highest rate: that is no failure."""
    found = cell.highest_rate is not None and cell.highest_rate.status == "confirmed"
    return cell.status == "pending" or (MOST in cell.views and not found)


def _succeeded(cell: Cell) -> bool:
    if cell.status in LEFT_OUT:
        return True
    if cell.status != "measured":
        return False
    doubts = [doubt for trial in cell.counted for doubt in trial.doubts]
    all_ok = all(
        trial.status == "measured" and (trial.crash is not None or trial.ok == trial.submitted)
        for trial in cell.counted
    )
    return all_ok and not any(doubt.kind == "not-all-ok" for doubt in doubts)

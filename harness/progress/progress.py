"""What a run reports during the run: callbacks, so that the measuring code prints nothing."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

from harness.results.model import Cell, Trial

WindowState = Literal["opened", "closed"]


class Expected(NamedTuple):
    """How many trials a run has, as far as is known, and about how long they take."""

    trials: int
    """Those included that are done."""
    each_s: float
    """Each that is left."""
    most_s: float | None = None
    """Where their number depends on what they show: how long those that are left may take together."""
    within_s: float | None = None
    """How long they take at the most, whatever they show, because the run then ends."""
    of_cells: Mapping[str, float] = {}
    """By id, of cells whose trials take another time."""


class Progress(Protocol):
    """An observer of a run. Each call returns at once and never raises."""

    def step(self, text: str) -> None:
        """Something begins that is no trial: services start, or are stopped."""
        ...

    def note(self, text: str) -> None:
        """What stays to be read: what the run may cost, or that it will go on in another way."""
        ...

    def expect(self, expected: Expected) -> None:
        """Called before the first trial, and again where it turns out to be another number of them."""
        ...

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """A trial begins; round 0 is that of probes, which are no part of the results."""
        ...

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """Requests a second that the trial's drivers have seen so far; the middle latency of the last ones."""
        ...

    def window(self, cell: Cell, state: WindowState) -> None:
        """The measured window of the trial has opened, or has closed, on all its drivers."""
        ...

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """A trial has ended, measured or failed."""
        ...

    def end(self) -> None:
        """The run is over or was interrupted."""
        ...


class Quiet:
    """Reports nothing; what reports something overrides what it is about."""

    def step(self, text: str) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def expect(self, expected: Expected) -> None:
        """Nothing."""

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """Nothing."""

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """Nothing."""

    def window(self, cell: Cell, state: WindowState) -> None:
        """Nothing."""

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class Tee:
    """Reports to each of several, in their order."""

    def __init__(self, *watchers: Progress) -> None:
        self._watchers = watchers

    def step(self, text: str) -> None:
        """To each."""
        for watcher in self._watchers:
            watcher.step(text)

    def note(self, text: str) -> None:
        """To each."""
        for watcher in self._watchers:
            watcher.note(text)

    def expect(self, expected: Expected) -> None:
        """To each."""
        for watcher in self._watchers:
            watcher.expect(expected)

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """To each."""
        for watcher in self._watchers:
            watcher.trial_begins(cell, round_number)

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """To each."""
        for watcher in self._watchers:
            watcher.current(cell, per_s, latency_ms)

    def window(self, cell: Cell, state: WindowState) -> None:
        """To each."""
        for watcher in self._watchers:
            watcher.window(cell, state)

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """To each."""
        for watcher in self._watchers:
            watcher.trial_ends(cell, trial)

    def end(self) -> None:
        """To each."""
        for watcher in self._watchers:
            watcher.end()

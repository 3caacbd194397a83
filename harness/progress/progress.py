"""What a run tells while it goes on: callbacks, of which the measuring path only calls."""

from typing import Protocol

from harness.results.model import Cell, Trial


class Progress(Protocol):
    """Told of each step; never asked."""

    def step(self, text: str) -> None:
        """Something begins that is no trial: starting services, stopping them."""
        ...

    def begin(self, trials: int, expected_s: float) -> None:
        """How many trials there are, those included that are done, and about how long each takes.

        Told before the first one, and again where it turns out to be another number.
        """
        ...

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """A trial begins; round 0 is that of probes, which are no part of the results."""
        ...

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """Requests a second that the trial's driver has seen so far; the middle latency of the last ones."""
        ...

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """A trial has ended, one way or the other."""
        ...

    def end(self) -> None:
        """The run is over, also where it was interrupted."""
        ...


class Quiet:
    """Tells nothing."""

    def step(self, text: str) -> None:
        """Nothing."""

    def begin(self, trials: int, expected_s: float) -> None:
        """Nothing."""

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """Nothing."""

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """Nothing."""

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class Several:
    """Tells each of several."""

    def __init__(self, *told: Progress) -> None:
        self._told = told

    def step(self, text: str) -> None:
        """Each."""
        for one in self._told:
            one.step(text)

    def begin(self, trials: int, expected_s: float) -> None:
        """Each."""
        for one in self._told:
            one.begin(trials, expected_s)

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """Each."""
        for one in self._told:
            one.trial_begins(cell, round_number)

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """Each."""
        for one in self._told:
            one.current(cell, per_s, latency_ms)

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """Each."""
        for one in self._told:
            one.trial_ends(cell, trial)

    def end(self) -> None:
        """Each."""
        for one in self._told:
            one.end()

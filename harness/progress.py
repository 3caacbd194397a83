"""What a run tells while it goes on: callbacks, of which the measuring path only calls."""

from typing import Protocol

from harness.model import Cell, Trial


class Progress(Protocol):
    """Told of each step; never asked."""

    def step(self, text: str) -> None:
        """Something begins that is no trial: starting services, stopping them."""
        ...

    def begin(self, trials: int, expected_s: float) -> None:
        """The trials begin: how many there are, and about how long each takes."""
        ...

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """A trial begins."""
        ...

    def current(self, cell: Cell, per_s: float) -> None:
        """Requests a second that the trial's driver has seen so far."""
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

    def current(self, cell: Cell, per_s: float) -> None:
        """Nothing."""

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""

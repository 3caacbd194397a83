"""What a run has reported so far, read from its journal as it grows."""

import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from harness.progress import journal


class Event(NamedTuple):
    """A line of the journal."""

    at_s: float
    """When it was read, on the monotonic clock."""
    event: journal.Event


class Watched:
    """A journal that need not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.events: list[Event] = []

    def read(self) -> None:
        """Take in what has been appended since."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:  # the run has not begun
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        now = time.monotonic()
        self.events += [Event(now, journal.decode(line)) for line in whole.splitlines()]

    def when(self, kind: type[msgspec.Struct], number: int = 1, **values: object) -> float | None:
        """When the event of that kind and number with these values was read; None if it has not come."""
        came = [at_s for at_s, event in self.events if isinstance(event, kind) and _has(event, values)]
        return came[number - 1] if len(came) >= number else None

    def in_trial(self, number: int, kind: type[msgspec.Struct], **values: object) -> float | None:
        """When the event of that kind with these values was read of that trial, from 1; None if it has not come."""
        trial = 0
        for at_s, event in self.events:
            trial += isinstance(event, journal.TrialBegins)
            if trial == number and isinstance(event, kind) and _has(event, values):
                return at_s
        return None

    def begun(self) -> int:
        """How many trials have begun."""
        return self._count(journal.TrialBegins)

    def ended(self) -> int:
        """How many have ended."""
        return self._count(journal.TrialEnds)

    def phase(self) -> str:
        """The moment at which the run is, as far as the journal tells it."""
        last: str = "boot"
        for _, event in self.events:
            last = _phase_after(event, last)
        return last

    def _count(self, kind: type[msgspec.Struct]) -> int:
        return sum(isinstance(event, kind) for _, event in self.events)


def _has(event: journal.Event, values: dict[str, object]) -> bool:
    return all(getattr(event, name) == value for name, value in values.items())


def _phase_after(event: journal.Event, before: str) -> str:
    match event:
        case journal.StepBegins(text="stopping"):
            return "stopping"
        case journal.TrialBegins():
            return "before the window"
        case journal.WindowSeen(state=state):
            return "window" if state == "opened" else "drain"
        case journal.TrialEnds() | journal.TrialsExpected():
            return "between trials"
        case journal.RunEnds():
            return "reports"
    return before

"""The journal of a run: one event per line, for processes that follow the run."""

from pathlib import Path
from typing import BinaryIO

import msgspec

from harness.progress.pace import Pace
from harness.progress.progress import Expected, Quiet, WindowState
from harness.progress.work import work_of
from harness.results.encoding import encoded
from harness.results.model import Cell, Trial


class StepBegins(msgspec.Struct, tag="step"):
    """A step other than a trial begins, such as starting services."""

    text: str


class TrialsExpected(msgspec.Struct, tag="begin"):
    """How many trials there are: before the first one, and again where it is another number."""

    trials: int
    expected_s: float
    """Of each that is left."""
    most_s: float | None = None
    """Of all that are left, where their number depends on what they show."""


class Noted(msgspec.Struct, tag="note"):
    """What the run may cost, or that it goes on in another way."""

    text: str


class TrialBegins(msgspec.Struct, tag="trial_begins"):
    """A trial begins."""

    round: int
    side: str
    workload: str
    contender: str
    load: str


class RateSeen(msgspec.Struct, tag="current"):
    """What the trial's driver has seen so far."""

    side: str
    per_s: float
    latency_ms: float | None


class WindowSeen(msgspec.Struct, tag="window"):
    """The measured window of the trial has opened or closed."""

    side: str
    state: WindowState


class TrialEnds(msgspec.Struct, tag="trial_ends"):
    """A trial has ended."""

    round: int
    side: str
    workload: str
    contender: str
    load: str
    status: str
    error: str | None
    per_s: float | None
    p50_ms: float | None
    p99_ms: float | None
    ok: int
    submitted: int
    floor: bool = False
    """Whether it shows what a contender costs without any work, and compares nothing."""


class TimeToGo(msgspec.Struct, tag="to_go"):
    """How long the run will still take, by what its trials have shown."""

    text: str


class RunEnds(msgspec.Struct, tag="end"):
    """The run is over or was interrupted."""


Event = StepBegins | Noted | TrialsExpected | TrialBegins | RateSeen | WindowSeen | TrialEnds | TimeToGo | RunEnds
decode = msgspec.json.Decoder(Event).decode


class Journal(Quiet):
    """Appends events to a file, one per line; if it cannot be written, the run goes on without it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._broken = False
        self._pace = Pace()
        self._to_go = ""
        """As it was said last."""

    def step(self, text: str) -> None:
        """Opens the file: the first step comes once the run's folder is there, and is the run's own."""
        try:
            self._file = self._file or self._path.open("ab", buffering=0)
        except OSError:
            self._broken = True
        self._write(StepBegins(text))

    def note(self, text: str) -> None:
        """Append it."""
        self._write(Noted(text))

    def expect(self, expected: Expected) -> None:
        """How many there are."""
        self._pace.expect(expected)
        self._write(TrialsExpected(*expected[:3]))
        self._say_to_go()

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """Append the begin of a trial."""
        self._pace.trial_begins(cell.id)
        self._write(TrialBegins(round_number, cell.side, work_of(cell), cell.label, cell.load.text))

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """Append the current rate; called a few times a second."""
        if latency_ms is not None:
            self._pace.replies(latency_ms / 1000, cell.load.kind)
        self._write(RateSeen(cell.side, per_s, latency_ms))
        self._say_to_go()

    def window(self, cell: Cell, state: WindowState) -> None:
        """Append it."""
        self._write(WindowSeen(cell.side, state))

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """Append the end of a trial, with its main figures."""
        latency = trial.latency_ms
        self._write(
            TrialEnds(
                round=trial.round,
                side=cell.side,
                workload=work_of(cell),
                contender=cell.label,
                load=cell.load.text,
                status=trial.status,
                error=trial.error,
                per_s=trial.throughput_per_s,
                p50_ms=latency.p50 if latency else None,
                p99_ms=latency.p99 if latency else None,
                ok=trial.ok,
                submitted=trial.submitted,
                floor=cell.is_only_floor,
            )
        )
        self._pace.trial_ends(cell.id, counts=trial.status != "disturbed")
        self._say_to_go()

    def _say_to_go(self) -> None:
        """Where it is not what was said last."""
        if (text := self._pace.to_go()) != self._to_go:
            self._to_go = text
            self._write(TimeToGo(text))

    def end(self) -> None:
        """Closes the file."""
        self._write(RunEnds())
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, event: Event) -> None:
        if self._file is None or self._broken:
            return
        try:
            self._file.write(encoded(event) + b"\n")
        except OSError:
            self._broken = True

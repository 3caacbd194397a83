"""Progress for people: a live line on a terminal, a plain line a trial elsewhere."""

import time

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from harness.progress.progress import Quiet
from harness.results.model import Cell, Trial


class Pace:
    """How long the trials that are left will take, from those that are done."""

    def __init__(self) -> None:
        self.total = self.done = 0
        self.expected_s = 0.0
        self._begun = time.monotonic()

    def expect(self, trials: int, expected_s: float) -> None:
        """How many there are, and how long each takes; the time runs from the first time that this is told."""
        if not self.total:
            self._begun = time.monotonic()
        self.total, self.expected_s = trials, expected_s

    def to_go(self) -> str:
        """In words."""
        each = (time.monotonic() - self._begun) / self.done if self.done > 2 else self.expected_s
        left = int(each * (self.total - self.done) + 0.999)
        return f"{left // 60} min {left % 60:02d} s to go" if left >= 60 else f"{left} s to go"


class Plain(Quiet):
    """One line a step and a trial: for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pace = Pace()

    def step(self, text: str) -> None:
        """A line."""
        self._say(text)

    def begin(self, trials: int, expected_s: float) -> None:
        """Count from here, or go on with another number."""
        self._pace.expect(trials, expected_s)

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """The trial's row, at once."""
        self._pace.done += 1
        self._say(f"[{self._pace.done}/{self._pace.total}] {describe(cell, trial)}, {self._pace.to_go()}")

    def _say(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)


class Bar(Plain):
    """A bar with what runs now, what is left, and the current throughput of both sides."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._bar = Progress(
            BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}"), console=console
        )
        self._task = self._bar.add_task("", total=None)
        self._rates: dict[str, str] = {}
        self._live = Live(Group(Text("")), console=console, refresh_per_second=4, transient=True)
        self._now = ""
        self._live.start()

    def step(self, text: str) -> None:
        """Shown instead of a trial."""
        self._now = text
        self._draw()

    def begin(self, trials: int, expected_s: float) -> None:
        """Draw the bar."""
        super().begin(trials, expected_s)
        self._bar.update(self._task, total=trials)
        self._draw()

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """Say what runs now."""
        when = f"round {round_number}" if round_number else "probe"
        self._now = f"{when}: {cell.workload} on {cell.label}, {cell.load.text}"
        self._draw()

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """Keep each side's current throughput and latency."""
        latency = "" if latency_ms is None else f", {latency_ms:.3g} ms"
        self._rates[cell.side] = f"{cell.side} {per_s:,.0f}/s{latency} ({cell.workload})"
        self._draw()

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """Above the bar, the trial's row."""
        self._bar.update(self._task, advance=1)
        super().trial_ends(cell, trial)

    def end(self) -> None:
        """Take the bar away."""
        self._live.stop()

    def _draw(self) -> None:
        to_go = self._pace.to_go() if self._pace.total else ""
        self._bar.update(self._task, description=to_go)
        rates = "   ".join(self._rates[side] for side in sorted(self._rates))
        self._live.update(Group(self._bar, Text(self._now), Text(f"now: {rates}" if rates else "", style="dim")))


def describe(cell: Cell, trial: Trial) -> str:
    """A trial in one line."""
    what = f"{'' if trial.round else 'probe: '}{cell.workload} {cell.label} {cell.load.text}"
    if trial.throughput_per_s is None or trial.status != "measured":
        first = (trial.error or "nothing was measured").splitlines()[0]
        return f"{what}: {trial.status}: {first}"
    p50 = trial.latency_ms.p50 if trial.latency_ms else None
    middle = f", p50 {p50:.3g} ms" if p50 is not None else ""
    return f"{what}: {trial.throughput_per_s:,.0f} requests/s{middle}, {trial.ok} of {trial.submitted} ok"

"""Progress on a terminal as a live line; elsewhere as one plain line per trial."""

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from harness.progress.pace import Pace
from harness.progress.progress import Expected, Quiet
from harness.progress.work import work_of
from harness.results.model import Cell, Trial
from harness.results.text import in_a_line, printable
from harness.statistics.metrics import mostly_answered
from harness.statistics.units import rate_in_words


class Plain(Quiet):
    """One line per step and per trial, for logs."""

    def __init__(self, console: Console, limit_s: float | None = None) -> None:
        """`limit_s`: after which the run is ended, if it is."""
        self._console = console
        self._pace = Pace(limit_s=limit_s)

    def step(self, text: str) -> None:
        """A line."""
        self._say(text)

    def note(self, text: str) -> None:
        """A line."""
        self._say(text)

    def expect(self, expected: Expected) -> None:
        """Count from here, or go on with another number."""
        self._pace.expect(expected)

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """Its time runs."""
        self._pace.trial_begins(cell.id)

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """What it shows of how long it will take."""
        if latency_ms is not None:
            self._pace.replies(latency_ms / 1000, cell.load.kind)

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """The trial's row, at once."""
        self._pace.trial_ends(cell.id, counts=trial.status != "disturbed")
        self._say(f"[{self._pace.done}/{self._pace.total}] {describe(cell, trial)}, {self._pace.to_go()}")

    def _say(self, text: str) -> None:
        self._console.print(Text(printable(text)), soft_wrap=True)


class Bar(Plain):
    """A bar with what runs now, what is left, and the current throughput of both sides."""

    def __init__(self, console: Console, limit_s: float | None = None) -> None:
        """`limit_s`: after which the run is ended, if it is."""
        super().__init__(console, limit_s)
        self._bar = ProgressBar(
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

    def expect(self, expected: Expected) -> None:
        """Draw the bar."""
        super().expect(expected)
        self._bar.update(self._task, total=expected.trials)
        self._draw()

    def trial_begins(self, cell: Cell, round_number: int) -> None:
        """Say what runs now."""
        super().trial_begins(cell, round_number)
        when = f"round {round_number}" if round_number else "probe"
        self._now = f"{when}: {work_of(cell)} on {cell.label}, {cell.load.text}"
        self._draw()

    def current(self, cell: Cell, per_s: float, latency_ms: float | None) -> None:
        """Keep each side's current throughput and latency."""
        super().current(cell, per_s, latency_ms)
        latency = "" if latency_ms is None else f", {latency_ms:.3g} ms"
        self._rates[cell.side] = f"{cell.side} {rate_in_words(per_s)}/s{latency} ({cell.workload})"
        self._draw()

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """Above the bar, the trial's row."""
        self._bar.update(self._task, advance=trial.status != "disturbed")
        super().trial_ends(cell, trial)

    def end(self) -> None:
        """Take the bar away."""
        self._live.stop()

    def now(self) -> list[str]:
        """Two lines: the current trial, and the latest rate of each side."""
        rates = "   ".join(self._rates[side] for side in sorted(self._rates))
        return [self._now, f"now: {rates}" if rates else ""]

    def _draw(self) -> None:
        to_go = self._pace.to_go() if self._pace.total else ""
        self._bar.update(self._task, description=to_go)
        runs, rates = self.now()
        self._live.update(Group(self._bar, Text(printable(runs)), Text(printable(rates), style="dim")))


def describe(cell: Cell, trial: Trial) -> str:
    """A trial in one line."""
    what = f"{'' if trial.round else 'probe: '}{work_of(cell)} {cell.label} {cell.load.text}"
    if trial.crash is not None and trial.status == "measured":
        crash = trial.crash
        found = {"failed": crash.failed, "lost": crash.lost, "waiting": crash.waiting, "repeated": crash.repeated}
        counts = "".join(f", {number} {what}" for what, number in found.items() if number)
        return f"{what}: {crash.done} of {crash.accepted} done{counts}"
    if trial.throughput_per_s is None or trial.status != "measured":
        return f"{what}: {trial.status}: {in_a_line(trial.error or 'nothing was measured')}"
    p50 = trial.latency_ms.p50 if trial.latency_ms else None
    middle = f", p50 {p50:.3g} ms" if p50 is not None else ""
    rate = f"{rate_in_words(trial.throughput_per_s)} requests/s{middle}, " if mostly_answered(trial) else ""
    return f"{what}: {rate}{trial.ok} of {trial.submitted} ok"

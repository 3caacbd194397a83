"""What stands on the first screen: values only; `of_run.py` and `of_two_runs.py` make them, formats show them."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from harness.report.table import Note, number
from harness.results.model import Interval

WORDS_MOST = 15
"""Of a headline."""
TILES_MOST = 4
DOUBTS_MOST = 5
FINDINGS_MOST = 8
ROWS_MOST = 24
"""Of an overview."""
Standing = Literal["first", "second", "equal", "undecided", "untold"]
"""Which of two is better; `untold`: the set-up decides that, so that it is not written."""


class Party(NamedTuple):
    """One of the two that a row compares."""

    name: str
    """As sentences name it: `asyncio`, `Celery`, or a contender where both are of one side."""
    label: str
    """The contender with its slots."""
    side: str = ""


class Effect(NamedTuple):
    """How many times as good the first of two is as the second: as fast, or for as little CPU."""

    standing: Standing
    ratio: float | None = None
    """Above 1 where the first is better; None if it is not told."""
    interval: Interval | None = None
    few: str = ""
    """Why it is only indicative, such as `2 rounds`; empty where it is a verdict."""
    why: str = ""
    """Why the ratio is not told."""

    @property
    def times(self) -> float | None:
        """The ratio from the side of the better one: 1 or more."""
        if self.ratio is None:
            return None
        return 1 / self.ratio if self.standing == "second" else self.ratio

    @property
    def drawn(self) -> bool:
        """Whether there is a point to draw."""
        return self.ratio is not None and self.ratio > 0

    @property
    def single(self) -> bool:
        """Whether there is a ratio and nothing to know its interval by: of a single round."""
        return self.ratio is not None and self.interval is None

    def text(self, first: str, second: str) -> str:
        """`asyncio 1.49× (1.10–2.02)`, `equal (0.98–1.02)`, `undecided (0.77–2.58)`, or why it is not told."""
        if self.standing == "untold":
            return self.why
        if self.single and self.ratio is not None:
            return f"{first if self.ratio >= 1 else second} {short(max(self.ratio, 1 / self.ratio))}×, undecided"
        if self.standing in ("equal", "undecided"):
            return f"{self.standing}{_bounds(self.interval)}"
        name, interval = first, self.interval
        if self.standing == "second":
            name, interval = second, interval and (1 / interval[1], 1 / interval[0])
        if self.times is None:
            return name
        return f"{name} {short(self.times)}×{_bounds(interval)}"


class OverviewRow(NamedTuple):
    """One workload or view: how the two sides compare in it."""

    name: str
    subject: str
    """The workload alone, or the change."""
    first: Party
    second: Party
    what: str
    """By what it is ranked: `throughput`, `median latency at open:50/s`."""
    speed: Effect
    cpu: Effect | None
    doubts: tuple[str, ...] = ()
    """Kinds of doubt that weigh on it: its colour is grey."""
    unsafe: bool = False
    """Whether it is a change that gives up what a user counts on."""

    @property
    def told(self) -> bool:
        """Whether there is anything to tell: a speed or the CPU."""
        return self.speed.standing != "untold" or self.cpu is not None

    @property
    def parties(self) -> str:
        """What is compared: both contenders; else the figure, where their names say nothing, as in a ladder."""
        return f"{self.first.label} : {self.second.label}" if self.second.side else self.what

    @property
    def speed_text(self) -> str:
        """Who is faster, and by how much."""
        return self.speed.text(self.first.name, self.second.name)

    @property
    def cpu_text(self) -> str:
        """Who needs less CPU for a request, and by how much."""
        return self.cpu.text(self.first.name, self.second.name) if self.cpu else ""


class Figure(NamedTuple):
    """One contender's figure on a tile."""

    label: str
    text: str
    side: str = ""


class Tile(NamedTuple):
    """A figure of both sides."""

    title: str
    figures: list[Figure]


class Outcome(NamedTuple):
    """What crashes did to a contender."""

    contender: str
    promise: str
    """And whether it was kept."""
    text: str
    broken: bool = False


class FirstScreen(NamedTuple):
    """All of it."""

    headline: str
    overview: list[OverviewRow]
    tiles: list[Tile]
    tiles_of: str
    """What the tiles are of."""
    doubts: list[Note]
    """Each once, with how many rows it concerns; what has no figures first."""
    findings: list[str]
    """Sentences that no row of the overview has: crossovers, highest rates, what limits a row."""
    outcomes: Sequence[Outcome] = ()
    """Of a run with crashes, what it is about: they come first."""

    @property
    def told(self) -> list[OverviewRow]:
        """The overview, if any of its rows says something."""
        return self.overview if any(row.told for row in self.overview) else []

    @property
    def costs(self) -> bool:
        """Whether CPU is known of any row."""
        return any(row.cpu is not None for row in self.overview)

    @property
    def why_no_speeds(self) -> str:
        """What the set-up decides, where no row has a speed."""
        if not self.overview or any(row.speed.standing != "untold" for row in self.overview):
            return ""
        whys = "; ".join(dict.fromkeys(row.speed.why for row in self.overview))
        return f"Speeds are not ranked: {whys}." if whys else ""

    @property
    def comparing(self) -> tuple[str, str] | None:
        """The names of the two that all rows compare; None where rows differ in it."""
        pairs = {(row.first.name, row.second.name) for row in self.overview}
        return pairs.pop() if len(pairs) == 1 else None


def short(ratio: float) -> str:
    """To two or three digits: `0.97`, `1.49`, `14`, `376`."""
    if ratio >= 10:
        return f"{ratio:,.0f}"
    return f"{ratio:.2f}" if ratio >= 0.1 else number(ratio, 2)


def _bounds(interval: Interval | None) -> str:
    return f" ({_bound(interval[0])}–{_bound(interval[1])})" if interval else ""


def _bound(value: float) -> str:
    if value < 0.01:
        return "<0.01"
    return ">100" if value > 100 else short(value)

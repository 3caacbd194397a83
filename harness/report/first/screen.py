"""What stands on the first screen: values only; `of_run.py` and `of_two_runs.py` make them, formats show them."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from harness.report.first.crash_matrix import CrashMatrix
from harness.report.table import Note, number
from harness.report.wording import listed
from harness.results.model import Interval
from harness.statistics.verdicts import EQUAL_WITHIN

WORDS_MOST = 15
"""Of a headline."""
TILES_MOST = 4
DOUBTS_MOST = 4
FINDINGS_MOST = 8
ROWS_MOST = 24
"""Of an overview."""
PAIRS_MOST = 3
"""So many different pairs of contenders are named below it, rather than in each row."""
NAMED_MOST = 3
"""Rows of a pair that differs from that of most rows."""
SEEN_ONCE = "seen once"
"""Of what was measured in a single round: nothing is known of how it varies."""
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
    rounds: int = 0
    boots: int = 0
    """In which both were measured; 0 if the ratio is not told."""

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

    @property
    def near(self) -> bool:
        """Whether it was seen once, and was about 1 then."""
        return self.single and self.ratio is not None and 1 / (1 + EQUAL_WITHIN) < self.ratio < 1 + EQUAL_WITHIN

    def text(self, first: str, second: str) -> str:
        """`asyncio 1.49× (1.10–2.02)`, `equal (0.98–1.02)`, `undecided (0.77–2.58)`, or why it is not told."""
        if self.standing == "untold":
            return self.why
        if self.single and self.ratio is not None:
            return f"{first if self.ratio >= 1 else second} {short(max(self.ratio, 1 / self.ratio))}×, {SEEN_ONCE}"
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
    at: str = ""
    """The slots, or the load, by which it differs from other rows of its subject."""
    unsafe: bool = False
    """Whether it is a change that gives up what a user counts on."""

    @property
    def doubted(self) -> str:
        """The doubt that explains most, and how many others there are: `wide-interval +2`; empty without one."""
        more = f" +{len(self.doubts) - 1}" if self.doubts[1:] else ""
        return f"{self.doubts[0]}{more}" if self.doubts else ""

    @property
    def told(self) -> bool:
        """Whether there is anything to tell: a speed or the CPU."""
        return self.speed.standing != "untold" or self.cpu is not None

    @property
    def parties(self) -> str:
        """What is compared: both contenders; else the figure, where their names say nothing, as in a ladder."""
        return f"{self.first.label} : {self.second.label}" if self.second.side else self.what

    @property
    def below(self) -> str:
        """The same, to stand below its name; empty where that has it."""
        return "" if self.second.side and self.second.name in self.name else self.parties

    @property
    def speed_text(self) -> str:
        """Who is faster, and by how much; why that is not told, and that the CPU is, if so."""
        if self.speed.standing == "untold" and self.cpu is not None and "CPU" not in self.speed.why:
            return f"{self.speed.why}: CPU only"
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
    spread: str = ""
    """How far its 95 % interval reaches, such as `±2 %`; empty where that is not known."""
    doubted: bool = False
    """Whether a doubt weighs on its row."""

    @property
    def whole(self) -> str:
        """`311.3/s ±3.8 %`."""
        return f"{self.text} {self.spread}".rstrip()


class Tile(NamedTuple):
    """A figure of both sides."""

    title: str
    figures: list[Figure]
    mark: str = ""
    """Why nothing separates them: `undecided`, `equal`, `seen once`, `not compared`; empty where they differ."""

    @property
    def head(self) -> str:
        """`requests/s, undecided`."""
        return f"{self.title}, {self.mark}" if self.mark else self.title


class Certainty(NamedTuple):
    """The second line of a first screen: what follows from it, and how sure that is."""

    use: str = ""
    """Empty where no choice follows."""
    sure: str = ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What is known of these two, each under its question."""
        asked = (("What to use", self.use), ("How sure", self.sure))
        return [(question, text) for question, text in asked if text]


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
    certainty: Certainty = Certainty()
    """Of the whole run: below the headline."""
    crashes: Sequence[CrashMatrix] = ()
    """Of a run with crashes, what it is about, by side: it comes first."""

    @property
    def texts(self) -> list[str]:
        """What it says, but for names and figures."""
        rows = [text for row in self.told for text in (row.name, row.speed_text, row.cpu_text)]
        said = [self.headline, *(text for _, text in self.certainty.parts), *rows, *(tile.head for tile in self.tiles)]
        return [*said, *self.findings, *(note.text for note in self.doubts)]

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
    def seen_once(self) -> bool:
        """Whether all that the overview has was seen in a single round: it is said once, in its heads."""
        effects = [effect for row in self.overview for effect in (row.speed, row.cpu) if effect and effect.drawn]
        return bool(effects) and all(effect.single for effect in effects)

    def head(self, text: str) -> str:
        """The head of a column of ratios."""
        return f"{text}, {SEEN_ONCE}" if self.seen_once else text

    def said(self, text: str) -> str:
        """What a row says in such a column."""
        return text.removesuffix(f", {SEEN_ONCE}") if self.seen_once else text

    @property
    def who(self) -> str:
        """Which contenders the rows compare, said once; empty where that differs from row to row."""
        rows_of: dict[str, list[str]] = {}
        for row in self.told:
            rows_of.setdefault(f"{row.first.label} with {row.second.label}" if row.second.side else "", []).append(
                row.name
            )
        if any(row.second.name in row.name for row in self.told):
            return ""  # each names them
        if "" in rows_of or not 0 < len(rows_of) <= PAIRS_MOST:
            return ""
        usual, *others = sorted(rows_of, key=lambda pair: -len(rows_of[pair]))
        if any(len(rows_of[pair]) > NAMED_MOST for pair in others):
            return ""
        return "; ".join([usual, *(f"{pair} in {listed(rows_of[pair])}" for pair in others)])

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
    return f" ({bound(interval[0])}–{bound(interval[1])})" if interval else ""


def bound(value: float) -> str:
    """An end of an interval; of what is out of all proportion, that it is so."""
    if value < 0.01:
        return "<0.01"
    return ">100" if value > 100 else short(value)

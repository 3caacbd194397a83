"""What a table is, and how its numbers are written: the same for every format."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from harness.report.card.shape import Card, SizeCard
from harness.results.model import Cell, Interval, Layers, Profile, Scaling
from harness.statistics.metrics import Metric

if TYPE_CHECKING:
    from harness.report.first.screen import FirstScreen

Value = str | float | int | None
NARROW = 0.05
"""Percent below which the ends of an interval lie `±<0.1 %` from their mean: 0.0 would say that they do not."""
WIDE = 1.25
"""An interval is told by its ends where one of them is further away than by this factor: a ± would mislead."""
TOP = 3
"""Figures of a row on a narrow page."""
BRIEF_MOST = 9
"""Columns of a table at first sight, without its mark."""
BLANK = "–"
"""Shown for what is not known; never a 0."""


class Column(NamedTuple):
    """One column: what it is called, in which unit, and how its numbers are written."""

    key: str
    title: str
    unit: str = ""
    digits: int | None = None
    """Significant digits of a number; None for text."""
    better: Literal["higher", "lower"] | None = None
    decimals: int = 9
    """Decimals at the most: latencies are recorded to the microsecond, and not finer."""
    optional: bool = False
    """Left out of a table in which no row has a value for it."""
    wraps: bool = False
    """Whether its text may be set in several lines."""
    rank: int = 50
    """Its importance, 1 the most: decides which columns are left out first, of equals the last one."""
    hidden: bool = False
    """Whether it is shown only among all columns."""
    spread: str = ""
    """Key of the text that stands behind its number, such as `±2 %`."""
    given: bool = False
    """Whether its numbers are written as they were given: `1`, not `1.00000`."""
    identifies: bool = False
    """Whether it tells rows apart: it is the last to be left out where rows differ in it."""
    telling: Literal["", "varying", "nonzero"] = ""
    """When it is shown at first sight: always, where rows differ in it, or where some row is not 0."""

    @classmethod
    def of(cls, metric: Metric, *, key: str | None = None, title: str | None = None, optional: bool = False) -> Self:
        """A column of a metric's figures, by default under its own name."""
        return cls(
            key=key or metric.short,
            title=title or metric.heading,
            unit=metric.unit,
            digits=metric.digits,
            decimals=metric.decimals,
            optional=optional,
        )

    @property
    def heading(self) -> str:
        """Title and unit."""
        return f"{self.title} {self.unit}".strip()

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers, which are set to the right."""
        return self.digits is not None

    def text(self, value: Value) -> str:
        """A value as every format writes it."""
        if value is None:
            return BLANK
        if isinstance(value, str) or self.digits is None:
            return str(value)
        return f"{value:,.7g}" if self.given else number(value, self.digits, self.decimals)

    def text_in(self, row: "Row") -> str:
        """Its text in that row, with what stands behind the number."""
        text, spread = self.text(row.values.get(self.key)), row.values.get(self.spread) if self.spread else None
        if spread is None:
            return text
        return str(spread) if text == BLANK else f"{text} {spread}"

    def tells(self, rows: "list[Row]") -> bool:
        """Whether these rows need it at first sight."""
        values = [row.values.get(self.key) for row in rows]
        if self.telling == "varying":
            return len(set(values)) > 1
        if self.telling == "nonzero":
            return any(values)
        return not self.optional or any(value is not None for value in values)


class Row(NamedTuple):
    """One row: values by column key."""

    values: dict[str, Value]
    side: str = ""
    """The side that it belongs to, if any: each has its own colour."""


class Note(NamedTuple):
    """A remark under a table."""

    text: str
    kind: Literal["note", "doubt", "error"] = "note"
    detail: bool = False
    """Whether it is left out of what is printed after a run."""


class Table(NamedTuple):
    """A table with what it shows and the remarks under it; `key` tells it from the others of its section."""

    key: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: list[Row]
    notes: list[Note]
    detail: bool = False
    """Whether it is left out of what is printed after a run."""

    @property
    def head(self) -> str:
        """Key of the column that names its rows."""
        keys = [column.key for column in self.columns]
        return "contender" if "contender" in keys else keys[0]

    def cells(self, row: Row) -> list[str]:
        """The row's texts, in the order of the columns."""
        return [column.text_in(row) for column in self.columns]

    def ranked(self, most: int = BRIEF_MOST) -> list[Column]:
        """What is shown at first sight: the most important columns, at most so many, the most important first."""
        columns = [column for column in self.columns if column.tells(self.rows) and not column.hidden]
        return sorted((column for column in columns if column.key != "mark"), key=self._importance)[:most]

    def _importance(self, column: Column) -> int:
        """Its rank; 1 for what tells the rows apart."""
        if column.identifies and len({row.values.get(column.key) for row in self.rows}) > 1:
            return 1
        return column.rank

    @property
    def top(self) -> list[str]:
        """Keys of what a narrow page shows of a row: what tells it from others, and its first figures."""
        ranked = [column for column in self.ranked() if column.key != self.head]
        telling = [column.key for column in ranked if column.identifies and self._importance(column) == 1]
        figures = [column.key for column in ranked if not (column.identifies or column.wraps)]
        return [*telling, *figures[:TOP]]

    @property
    def brief(self) -> list[Column]:
        """The same in the table's order, with the mark of the best row."""
        kept = {column.key for column in self.ranked()}
        if any(row.values.get("mark") for row in self.rows):
            kept.add("mark")
        return [column for column in self.columns if column.key in kept]


class Section(NamedTuple):
    """Tables that belong together, and what charts of them are drawn from."""

    title: str
    about: str
    tables: list[Table]
    cells: Sequence[Cell] = ()
    """The rows of a workload in a view."""
    scalings: Sequence[Scaling] = ()
    """What one number changes, where the section is of that."""
    layers: Sequence[Layers] = ()
    """What figures are made of, where the section is of that."""
    profile: Profile | None = None
    """The stacks of which a flame graph is drawn."""
    profiled: Cell | None = None
    """The row that they are of."""
    summary: str = ""
    """What it shows, in a line: the row of the overview."""
    doubts: str = ""
    """Those that weigh on its rows, for what is drawn of them."""
    detail: bool = False
    """Whether it is left out of what is printed after a run, because another section has its figures in short."""


class Report(NamedTuple):
    """All that a format renders."""

    title: str
    first: "FirstScreen"
    answer: list[str]
    sections: list[Section]
    reading: list[str]
    """How to read the tables: what holds for all of them."""
    environment: list[str]
    card: Card | SizeCard | None = None
    """First of all, where the run has one."""
    shared: Sequence[Note] = ()
    """Notes that several tables have: they stand once, after the tables."""

    @property
    def headline(self) -> str:
        """That of its card, if it has one; else that of its first screen."""
        return (self.card.headline if self.card else "") or self.first.headline

    @property
    def tables(self) -> list[Table]:
        """Those of all sections."""
        return [table for section in self.sections for table in section.tables]


def number(value: float, digits: int, most: int = 9) -> str:
    """`value` to that many significant digits (`most` decimals), thousands separated, never in exponents."""
    if math.isinf(value):  # what follows from a figure that is nearly so
        return f"{'-' if value < 0 else ''}∞"
    if value == 0 or isinstance(value, int):
        return f"{int(value):,}"
    rounded = float(f"{value:.{digits}g}")
    if math.isinf(rounded):  # it was rounded up beyond the largest number
        rounded = value
    whole = len(str(int(abs(rounded))))
    decimals = max(0, digits - whole) if abs(rounded) >= 1 else _decimals_below_one(rounded, digits)
    text = f"{rounded:,.{min(decimals, most)}f}"
    return text if any(sign in "123456789" for sign in text) else text.removeprefix("-")


def _decimals_below_one(value: float, digits: int) -> int:
    exponent = int(f"{value:e}".partition("e")[2])
    return digits - 1 - exponent


def interval_text(interval: Interval | None, digits: int) -> str | None:
    """An interval as a cell of a table shows it."""
    return interval and f"{number(interval[0], digits)} … {number(interval[1], digits)}"


def spread_text(value: float | None, interval: Interval | None) -> str | None:
    """How far an interval's ends lie from its mean: `±2 %`; beyond 25 %, where: `(66–1,100)`."""
    if not value or interval is None or interval[0] <= 0:
        return None
    factor = max(interval[1] / value, value / interval[0])
    if factor > WIDE:
        return f"({number(interval[0], 2)}–{number(interval[1], 2)})"
    away = 100 * (factor - 1)
    return "±<0.1 %" if away < NARROW else f"±{number(away, 2, 1)} %"


def filled(columns: tuple[Column, ...], rows: list[Row]) -> tuple[Column, ...]:
    """These columns, without optional ones that hold nothing."""
    return tuple(
        column
        for column in columns
        if not column.optional or any(row.values.get(column.key) is not None for row in rows)
    )


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the known values; None if there are none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None

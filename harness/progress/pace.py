"""How long a run will still take, by what its trials show."""

import math
import time
from collections.abc import Callable, Mapping

from harness import registry
from harness.progress.progress import Expected
from harness.statistics.units import time_in_words

WINDOW_RESPONSES, WINDOW_STRETCHED_MOST_S = 12, 60.0
"""A window lasts so many response times, up to that length (see `harness.driver.measurement`)."""
OTHER_RESPONSES = 5
"""Before it (verification, warm-up, rest) and after it."""


class Pace:
    """How long the trials that are left will take: as expected, by how much longer those so far took.

    The one under way counts with what its replies show, so that long tasks are known from the first reply on.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, limit_s: float | None = None) -> None:
        """`now`: seconds by any clock; `limit_s`: after which the run is ended, if it is."""
        self._limit = math.inf if limit_s is None else now() + limit_s
        self.total = self.done = 0
        self._each_s = 0.0
        self._of_cells: Mapping[str, float] = {}
        self._left_s = 0.0
        """As expected, of those that are not done."""
        self._cell = ""
        """Id of that of the trial under way."""
        self._most_s: float | None = None
        self._ends = math.inf
        """When the run ends at the latest."""
        self._expected_s = 0.0
        """Of those that are done."""
        self._now = now
        self._begun = now()
        self._trial_begun: float | None = None
        self._latency_s = 0.0
        """Of the middle reply of the trial under way; 0 before the first one."""

    def expect(self, expected: Expected) -> None:
        """The time runs from the first call."""
        if not self.total:
            self._begun = self._now()
        self.total, self._each_s, self._most_s = expected.trials, expected.each_s, expected.most_s
        self._of_cells, self._left_s = expected.of_cells, expected.each_s * max(0, expected.trials - self.done)
        self._ends = math.inf if expected.within_s is None else self._now() + expected.within_s

    def trial_begins(self, cell: str = "") -> None:
        """Another one, of the cell of that id."""
        self._trial_begun, self._latency_s, self._cell = self._now(), 0.0, cell

    def replies(self, latency_s: float, load: str = "closed") -> None:
        """Of the trial under way, so late; under a kind of load that ends by itself, no window is longer for that."""
        self._latency_s = latency_s if registry.load("load", load).steady else 0.0

    def trial_ends(self, cell: str = "", *, counts: bool = True) -> None:
        """It is over; one that does not count is measured again."""
        self._trial_begun = None
        if not counts:
            return
        self.done += 1
        self._expected_s += self._each(cell)
        self._left_s -= self._each(cell)
        if self._most_s is not None:
            self._most_s -= self._each(cell)

    def to_go(self) -> str:
        """In words; of a run whose end is known, what is left until then: that never grows."""
        if self._ends < math.inf:
            return f"at most {time_in_words(max(0.0, self._ends - self._now()))} to go"
        spent_s, under_way_s = self._now() - self._begun, 0.0
        expected_s, left_s = self._expected_s, self._left_s
        if self._trial_begun is not None and self.done < self.total:
            already_s = self._now() - self._trial_begun
            under_way_s = max(0.0, self._trial_s() - already_s)
            expected_s += self._each(self._cell)
            left_s -= self._each(self._cell)
        slower = (spent_s + under_way_s) / expected_s if expected_s else 1.0
        limit_s = max(0.0, self._limit - self._now())
        about_s = min(slower * max(0.0, left_s) + under_way_s, limit_s)
        most_s = math.inf if self._most_s is None else max(about_s, slower * self._most_s)
        most = "" if self._most_s is None else f", at most {time_in_words(min(most_s, limit_s))}"
        return f"{time_in_words(about_s)} to go{most}"

    def _trial_s(self) -> float:
        """How long the trial under way takes, as far as its replies show."""
        return max(self._each(self._cell), windowed_s(0.0, self._latency_s))

    def _each(self, cell: str) -> float:
        """How long a trial of it is expected to take."""
        return self._of_cells.get(cell, self._each_s)


def windowed_s(window_s: float, response_s: float) -> float:
    """A trial whose window was asked to last so long, where a reply takes `response_s`."""
    stretched_s = min(WINDOW_RESPONSES * response_s, WINDOW_STRETCHED_MOST_S)
    return max(window_s, stretched_s) + OTHER_RESPONSES * response_s

"""On what terms a trial's rows are folded: known once all of its drivers have ended."""

from typing import Annotated, NamedTuple

from msgspec import Meta

EDGE = 4096
"""The largest number of slots for which gaps can be computed."""
WHOLE = 1 << 40
"""A good reply, in the unit in which parts of it are counted: in whole numbers, the order of a sum does not matter."""


Moment = Annotated[int, Meta(ge=-(2**62), lt=2**62)]


class FoldTerms(NamedTuple):
    """The same for all drivers of a trial, but for their clocks."""

    opened_ns: Moment
    closed_ns: Moment
    """The measured window: due times in [opened_ns, closed_ns)."""
    comparable: bool
    """Whether the stamps of executions are of the driver's clock."""
    stamped: bool = True
    """Whether they are those of all that a request executes."""
    edge: Annotated[int, Meta(ge=0, le=EDGE)] = EDGE
    """How many of the first starts and last ends of executions are kept: the slots of a backlog."""

    @property
    def executions_known(self) -> bool:
        """Whether executions are known by the driver's clock."""
        return self.comparable and self.stamped

    @property
    def length_ns(self) -> int:
        """Of the window."""
        return self.closed_ns - self.opened_ns

    def moved(self, by_ns: int) -> "FoldTerms":
        """The same window by a clock that is ahead by so much."""
        return self._replace(opened_ns=self.opened_ns + by_ns, closed_ns=self.closed_ns + by_ns)

"""A rule of the advice."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from harness.report.card.both import Both
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT

Group = Literal["rate", "speed", "cost", "advice"]
FEW = f"fewer than {ROUNDS_FOR_VERDICT} rounds or {BOOTS_FOR_VERDICT} boots"
ONE_WORKS = "a side could not be measured, and not because of the rate"
ONE_HOLDS = "one side fails the limit, or the rate is far beyond it"


class Rule(NamedTuple):
    """One rule: when it applies, in words and in code, and what it then says."""

    group: Group
    name: str
    when: str
    says: str
    """The gist of its sentence, for the documentation; `when` is for it, too."""
    applies: Callable[[Both], bool]
    sentence: Callable[[Both], str]
    short: str = ""
    """Of an advice, what the headline says, where that is not how its sentence begins."""

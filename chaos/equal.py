"""Whether a run is what a clean one is: as many good replies a second, nothing lost, nothing executed twice."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chaos.case import Case
from chaos.judging import findings
from chaos.running import Seen
from harness.results.model import Results, Trial
from harness.statistics.intervals import difference, estimate

ALPHA = 0.001
"""Of the interval in which their ratio is to hold 1: of a thousand equal pairs, one is called different."""
NEGLIGIBLE = 0.03
NAMED = ("foreign-work", "other-slots")
"""Doubts that say that another run, or other workers, are the reason."""
OTHERS = ("noisy-machine", "throttled", "frozen")
"""Doubts that say that others on the machine may be."""


TOO_LATE = re.compile(r"did not answer within \S+ s\. Is it overloaded")
"""What a service is said to be that had to wait for a core for too long."""


class Apart(NamedTuple):
    """How a run differs from a clean one."""

    text: str
    is_faster: bool | None = None
    """None where it is not about speed."""


def not_right(case: Case, after: Seen) -> list[str]:
    """What is wrong with the run after a fault, whatever a clean one shows."""
    found = [f"the run after it: {finding}" for finding in findings(case, after)]
    if after.results is None or after.status != 0:
        return [*found, f"the run after it: exit {after.status}: {after.err.strip()[-300:]}"]
    trials = _trials(after.results)
    return found + [f"the run after it: trial {trial.order + 1}: {what}" for trial in trials for what in _wrong(trial)]


def not_like(clean: Seen, after: Seen) -> Iterator[Apart]:
    """How the run after a fault differs from a clean one, unless it says why."""
    if clean.results is None or after.results is None or after.status != 0:
        return
    trials = _trials(after.results)
    if not any(doubt.kind in NAMED for trial in trials for doubt in trial.doubts):
        yield from _slower(_trials(clean.results), trials)


def not_like_both(before: Seen, afterwards: Seen, after: Seen) -> list[str]:
    """How it differs from a clean run before it and from one after it, in the same way.

    A machine that others use gets faster or slower: then the run lies between the two, or is like one of them.
    """
    known = {apart.is_faster for apart in not_like(before, after)}
    return [apart.text for apart in not_like(afterwards, after) if apart.is_faster in known]


def of_load(found: Iterable[str], *runs: Seen) -> tuple[list[str], list[str]]:
    """What was found, without what others on the machine may have made; and that."""
    found, busy = list(found), any(map(is_disturbed, runs))
    late = [each for each in found if busy and TOO_LATE.search(each)]
    return [each for each in found if each not in late], late


def is_disturbed(seen: Seen) -> bool:
    """Whether one of its trials says that others on the machine had to do with it."""
    trials = _trials(seen.results) if seen.results is not None else []
    return any(doubt.kind in OTHERS for trial in trials for doubt in trial.doubts)


def _wrong(trial: Trial) -> Iterator[str]:
    """Counts that are 0 where nothing is hit."""
    counts = {"wrong": trial.wrong, "failed": trial.failed, "lost": trial.lost, "duplicates": trial.duplicates}
    yield from (f"{count} {name}" for name, count in counts.items() if count)


def _slower(clean: list[Trial], after: list[Trial]) -> Iterator[Apart]:
    slots = {trial.had_slots for trial in (*clean, *after)}
    if len(slots) > 1:
        yield Apart(f"the run after it had other slots than the clean one, without a doubt: {slots}")
    figures = [[trial.throughput_per_s for trial in trials if trial.throughput_per_s] for trials in (clean, after)]
    if min(map(len, figures)) < 2:
        yield Apart(f"too few trials to compare: {', '.join(trial.status for trial in after)}")
        return
    of_clean, of_after = (estimate([values]) for values in figures)
    ratio = difference(of_clean, of_after)
    interval = ratio.interval(ALPHA)
    if interval is None or abs(ratio.value - 1) <= NEGLIGIBLE or interval[0] <= 1 <= interval[1]:
        return
    yield Apart(
        f"the run after it has {of_after.value:.1f} good replies a second, the clean one {of_clean.value:.1f} "
        f"({ratio.value:.2f} times; {interval[0]:.2f} to {interval[1]:.2f}), without a doubt that names why",
        is_faster=ratio.value > 1,
    )


def _trials(results: Results) -> list[Trial]:
    return [trial for cell in results.cells for trial in cell.trials]

"""What a run that goes on has shown so far: its headline, how many rounds are missing, and how sure it is."""

from typing import NamedTuple

from harness.report.first.of_run import first_screen
from harness.report.wording import counted
from harness.results.model import Results
from harness.statistics.intervals import ROUNDS_FOR_VERDICT


class SoFar(NamedTuple):
    """What the live page says first."""

    headline: str
    """With `3 more rounds for a verdict`."""
    certainty: list[tuple[str, str]]
    """`What to use`, `How sure` and `Compared`, each with its answer, where there is one."""


def so_far(results: Results) -> SoFar:
    """Of the rows that it has."""
    first = first_screen(results)
    compared = [("Compared", first.who)] if first.who else []
    return SoFar(f"{first.headline} {_missing(results)}".strip(), [*first.certainty.parts, *compared])


def _missing(results: Results) -> str:
    """Rounds that all shown rows have, against those that were asked for and those that a verdict needs.

    A row that cannot be measured is not waited for.
    """
    shown = {view.name for view in results.run.views}
    cells = [cell for cell in results.cells if shown & set(cell.views) and cell.status in ("measured", "pending")]
    done = min((len({trial.round for trial in cell.counted}) for cell in cells), default=0)
    asked = results.run.rounds
    to_come = counted(asked - done, "more round") if done < asked else "All rounds are done"
    if asked < ROUNDS_FOR_VERDICT:
        return f"{to_come}; a verdict would need {ROUNDS_FOR_VERDICT}."
    if done < ROUNDS_FOR_VERDICT:
        return f"{counted(ROUNDS_FOR_VERDICT - done, 'more round')} for a verdict."
    return f"{to_come}."

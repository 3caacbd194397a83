"""What a run that goes on has shown so far: its headline, and how many rounds are missing."""

from harness.report.first.of_run import first_screen
from harness.report.wording import counted
from harness.results.model import Results
from harness.statistics.intervals import ROUNDS_FOR_VERDICT


def so_far(results: Results) -> str:
    """The headline, and `3 more rounds for a verdict`."""
    return f"{first_screen(results).headline} {_missing(results)}".strip()


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

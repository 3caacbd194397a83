"""What a run that goes on has shown so far: its headline, and how many rounds are missing."""

from harness.report.first.of_run import first_screen
from harness.report.wording import counted
from harness.results.model import Results
from harness.statistics.intervals import ROUNDS_FOR_VERDICT


def so_far(results: Results) -> str:
    """The headline, and `3 more rounds for a verdict`."""
    return f"{first_screen(results).headline} {_missing(results)}".strip()


def _missing(results: Results) -> str:
    """Rounds that all shown rows have, against those that were asked for and those that a verdict needs."""
    shown = {view.name for view in results.run.views}
    cells = [cell for cell in results.cells if shown & set(cell.views)]
    done = min((len({trial.round for trial in cell.counted}) for cell in cells), default=0)
    asked = results.run.rounds
    if asked < ROUNDS_FOR_VERDICT:
        return f"{counted(max(asked - done, 0), 'more round')}; a verdict would need {ROUNDS_FOR_VERDICT}."
    if done < ROUNDS_FOR_VERDICT:
        return f"{counted(ROUNDS_FOR_VERDICT - done, 'more round')} for a verdict."
    return f"{counted(max(asked - done, 0), 'more round')}."

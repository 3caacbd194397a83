"""The title of a report says how many rounds there are, of a run that was ended early."""

import msgspec

from harness.report.report import build
from harness.results.cells import FLOOR
from harness.results.model import Results
from tests.builders import cell_of, results_of, summarised, trial_of, view_of

ENDED = "ended early by --max-time 30s"


def ended(rounds: dict[str, int], view: str = "throughput") -> Results:
    """A run of five rounds in which these contenders had so many."""
    cells = [
        summarised(
            cell_of(name, id=name, views=[view], trials=[trial_of(number, 100.0) for number in range(1, of + 1)])
        )
        for name, of in rounds.items()
    ]
    made = results_of(cells)
    return msgspec.structs.replace(
        made, run=msgspec.structs.replace(made.run, rounds=5, ended=ENDED, views=[view_of()])
    )


def test_it_counts_the_rounds_that_all_rows_have() -> None:
    """And no more than were asked for: more of them belong to what was looked for afterwards."""
    assert f": 3 of 5 rounds ({ENDED})" in build(ended({"asyncio": 4, "celery-threads": 3})).title
    assert f": 5 of 5 rounds ({ENDED})" in build(ended({"asyncio": 7, "celery-threads": 7})).title
    assert f": 0 of 5 rounds ({ENDED})" in build(ended({})).title


def test_what_the_slots_alone_take_has_rounds_of_its_own() -> None:
    """The floor is measured for the others' sake."""
    run, floor = ended({"asyncio": 3}), ended({"celery-threads": 1}, FLOOR)
    both = msgspec.structs.replace(run, cells=[*run.cells, *floor.cells])
    assert f": 3 of 5 rounds ({ENDED})" in build(both).title

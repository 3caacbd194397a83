"""What the live page says of a run that goes on."""

import msgspec
import pytest

from harness.report.so_far import so_far
from tests.builders import cell_of, results_of, summarised


@pytest.mark.parametrize(
    ("done", "asked", "said"),
    [
        (2, 5, "3 more rounds for a verdict."),
        (5, 6, "1 more round."),
        (6, 6, "All rounds are done."),
        (1, 3, "2 more rounds; a verdict would need 5."),
        (3, 3, "All rounds are done; a verdict would need 5."),
    ],
)
def test_it_is_the_headline_and_how_many_rounds_are_missing(done: int, asked: int, said: str) -> None:
    """For a verdict, or until the end; by the row that has the fewest."""
    rates = [100.0 + number for number in range(asked)]
    cells = [summarised(cell_of(rates=rates[:done], id="a")), summarised(cell_of(rates=rates, id="b", slots=8))]
    failed = cell_of(id="c", slots=4, status="failed", reason="it has ended")  # it is not waited for
    document = results_of([*cells, failed])
    document = msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, rounds=asked))
    assert so_far(document).headline.endswith(said)

"""What the card says of a job whose processes were killed."""

from harness.report.card.crashes import lines, sentences
from harness.results.decision import CRASH
from tests.builders import cell_of, crash_of, results_of, trial_of

KILLED = crash_of(offered=60, accepted=60, done=57, lost=1, waiting=2, held=2, visibility_timeout_s=3600.0)


def test_a_side_whose_worker_was_killed_says_what_it_lost_and_what_waits() -> None:
    """And until when; the other side has no figure."""
    cell = cell_of("celery-prefork", side="celery", views=[CRASH], trials=[trial_of(crash=KILLED)])
    results = results_of([cell])
    shown = {line.name: (line.asyncio, line.celery) for line in lines(results)}
    assert shown == {"lost at a crash": ("–", "1 of 60, 2 waiting"), "done twice": ("–", "0")}
    (said,) = sentences(results)
    assert said.endswith(
        "of 60 accepted, 57 done, 1 lost, 2 waiting, 2 of these until the visibility timeout, 3,600 s."
    )

"""What counts as a finding after a fault; each promise of a run, broken once."""

from typing import Any

import msgspec
import pytest

from chaos.case import Case, draw
from chaos.judging import findings
from chaos.running import Seen, Struck
from harness.results.model import Doubt, Trial
from tests.builders import cell_of, results_of, trial_of

CASE = Case(
    seed=1, contender="celery-threads:2", workload="sleep", load="closed:2", broker="own redis", boots=1, drivers=1,
    role="redis", hit="KILL", moment="window", trial=1, at=0.5,
)  # fmt: skip
STRUCK = Struck(pids=[1], ended=True, phase="window", phase_after="drain", trial=0, under_way=True)
REASON = "the run's own Redis has ended (killed by SIGKILL); its last lines:\n    …"
GOOD = Doubt(kind="frozen", text="it stood still", advice="none")


def trials(*errors: str | None) -> list[Trial]:
    """One for each error: failed because of it, or measured."""
    return [
        trial_of(number + 1, order=number, status="measured" if error is None else "failed", error=error, doubts=[GOOD])
        for number, error in enumerate(errors)
    ]


def seen(*errors: str | None, run_status: str = "done", made: list[Trial] | None = None, **changes: Any) -> Seen:
    """What a run shows whose trials ended so, with everything else as promised."""
    results = results_of([cell_of("celery", trials=made or trials(*errors))])
    results = msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, status=run_status))
    values: dict[str, Any] = {
        "status": 0 if not any(errors) else 1,
        "seconds": 5.0,
        "err": "",
        "struck": STRUCK,
        "results": results,
        "unreadable": None,
        "files": ["report.html", "report.md", "results.json"],
        "left": [],
    }
    return Seen(**(values | changes))


def found(seen: Seen, **changes: Any) -> str:
    """The findings of that case, or of one like it."""
    return "\n".join(findings(msgspec.structs.replace(CASE, **changes), seen))


def test_a_case_is_the_same_for_the_same_number() -> None:
    """So that one can be repeated alone; and every role is drawn, with every way to hit it."""
    assert draw(7) == draw(7)
    drawn = [draw(seed) for seed in range(2000)]
    assert len({(case.role, case.hit) for case in drawn}) > 55
    assert len({(case.role, case.moment) for case in drawn}) > 60
    assert len({case.contender for case in drawn}) == len({case.broker for case in drawn}) + 1 == 5


def test_a_fault_that_is_named_and_overcome_is_no_finding() -> None:
    """The trial that was hit has failed with the true reason; the next one is measured."""
    assert found(seen(REASON, None)) == ""


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (seen(REASON, None, status=None), "it hung"),
        (seen(REASON, None, err="Traceback (most recent call last):"), "on standard error"),
        (seen(REASON, None, run_status="running"), "still goes on"),
        (seen(REASON, None, unreadable="not JSON"), "cannot be read"),
        (seen(REASON, None, files=["results.json"]), "report.html is missing"),
        (seen(REASON, None, left=["process 7 is left: redis-server"]), "process 7 is left"),
        (seen(REASON, None, status=0), "exit status 0"),
        (seen(REASON, None, status=70, err="workbench: internal error"), "exit status 70"),
        (seen(REASON, None, status=-11), "exit status -11"),
        (seen("the driver was killed by SIGKILL", None), "does not name the redis"),
        (seen(REASON, REASON), "trial 2 failed too"),
        (seen(REASON, status=1), "1 trials instead of 2"),
        (seen(REASON, status=3, run_status="failed", err=f"workbench: {REASON}"), "what is the run's own ended it"),
        (seen(None, None), "as if nothing had happened"),
        (seen(REASON, None, struck=None), "although nothing was hit"),
    ],
)
def test_a_promise_that_was_not_kept_is_a_finding(what: Seen, words: str) -> None:
    """Each in its own words."""
    assert words in found(what)


def test_a_pause_without_a_doubt_is_hidden() -> None:
    """Half of the window was lost."""
    paused = msgspec.structs.replace(STRUCK, ended=False, phase_after="window")
    whole = trials(None, None)
    assert found(seen(None, None, struck=paused), hit="STOP 2 s") == ""
    without = [msgspec.structs.replace(trial, doubts=[]) for trial in whole]
    assert "without a doubt" in found(seen(None, None, made=without, struck=paused), hit="STOP 2 s")


def test_a_given_broker_that_has_gone_may_end_the_run() -> None:
    """After several trials, with the reason."""
    ended = seen(
        "the broker redis://h could not be reached.", run_status="failed", status=3, err="workbench: the broker"
    )
    assert found(ended, broker="given redis") == ""


@pytest.mark.parametrize(
    ("hit", "status", "state", "words"),
    [
        ("TERM", 130, "interrupted", ""),
        ("TERM", 1, "interrupted", "exit status 1 instead of 130"),
        ("INT", 130, "running", "still goes on"),
        ("KILL", -9, "killed", ""),
        ("KILL", 0, "done", "exit status 0 instead of -9"),
    ],
)
def test_the_workbench_itself_ends_as_its_signal_says(hit: str, status: int, state: str, words: str) -> None:
    """130 with all that was measured; or killed, and then known as such."""
    ended = seen(None, status=status, run_status=state, err="workbench: interrupted.")
    said = found(ended, role="workbench", hit=hit)
    assert words in said
    assert bool(words) == bool(said)

"""What counts as a finding after a fault; each promise of a run, broken once."""

from typing import Any

import msgspec
import pytest

from chaos.case import ROLES, SHARED, Case, Strike, draw, draw_shared
from chaos.judging import findings
from chaos.running import Seen, Struck
from harness.results.model import Doubt, Trial
from tests.builders import cell_of, results_of, trial_of

STRIKE = Strike(role="redis", hit="KILL", moment="window", trial=1, at=0.5)
CASE = Case(
    seed=1, contender="celery-threads:2", workload="sleep", load="closed:2", broker="own redis", boots=1, drivers=1,
    strikes=(STRIKE,),
)  # fmt: skip
STRUCK = Struck(strike=STRIKE, pids=[1], ended=True, phase="window", phase_after="drain", trial=0, under_way=True)
REASON = "the run's own Redis has ended (killed by SIGKILL); its last lines:\n    …"
LOST = Doubt(kind="process-lost", text="a process ended", advice="find out")
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
        "struck": [STRUCK],
        "results": results,
        "unreadable": None,
        "files": ["report.html", "report.md", "results.json"],
        "left": [],
    }
    return Seen(**(values | changes))


def found(seen: Seen, broker: Any = "own redis", **changes: Any) -> str:
    """The findings of that case, or of one like it: on another broker, or with another strike."""
    strike = msgspec.structs.replace(STRIKE, **changes)
    struck = [msgspec.structs.replace(each, strike=strike) for each in seen.struck]
    case = msgspec.structs.replace(CASE, broker=broker, strikes=(strike,))
    return "\n".join(findings(case, msgspec.structs.replace(seen, struck=struck)))


def test_a_case_is_the_same_for_the_same_number() -> None:
    """So that one can be repeated alone; and every role is drawn, with every way to hit it."""
    assert draw(7) == draw(7)
    drawn = [draw(seed) for seed in range(2000)]
    strikes = [strike for case in drawn for strike in case.strikes]
    assert len(strikes) == len(drawn)
    assert {strike.role for strike in strikes} == set(ROLES)
    assert len({(strike.role, strike.hit) for strike in strikes}) > 75
    assert len({(strike.role, strike.moment) for strike in strikes}) > 70
    assert {case.broker for case in drawn if case.workers == "external"} == {"given redis"}
    assert len({case.contender for case in drawn}) == len({case.broker for case in drawn}) + 1 == 5


def test_a_shared_case_hits_every_other_trial() -> None:
    """So that each fault has a trial of its own, and one after it that must be measured."""
    for seed in range(300):
        case = draw_shared(seed)
        assert [strike.trial for strike in case.strikes] == [1, 3, 5, 7][:SHARED]
        assert sum(strike.hit == "STOP" for strike in case.strikes) <= 1
        assert not case.hits_given


def test_each_trial_is_held_against_its_own_fault() -> None:
    """The worker was hit in the third one; that is no reason for what failed in the first."""
    worker = msgspec.structs.replace(STRIKE, role="worker", trial=3)
    case = msgspec.structs.replace(CASE, strikes=(STRIKE, worker))
    both = [STRUCK, msgspec.structs.replace(STRUCK, strike=worker, trial=2)]
    ended = "the threads worker has ended (killed by SIGKILL)"
    assert findings(case, seen(REASON, None, ended, None, struck=both)) == []
    assert "does not name the redis" in "".join(findings(case, seen(ended, None, REASON, None, struck=both)))
    assert "trial 2 failed too" in "".join(findings(case, seen(REASON, REASON, ended, None, struck=both)))


def test_what_ended_between_two_trials_costs_none() -> None:
    """It is started again before the next one."""
    between = msgspec.structs.replace(
        STRUCK, phase="between trials", phase_after="between trials", trial=1, under_way=False
    )
    assert found(seen(None, None, struck=[between])) == ""
    assert "trial 2 failed too" in found(seen(None, REASON, struck=[between]))


def test_a_loss_by_a_command_is_named() -> None:
    """One that took nothing shows nothing."""
    struck = msgspec.structs.replace(STRUCK, ended=False)
    assert found(seen(None, None, struck=[struck]), hit="FLUSHALL") == ""
    lost = [msgspec.structs.replace(trial, lost=3, ok=trial.ok - 3) for trial in trials(None, None)]
    assert "lost 3 requests, and FLUSHALL is not named" in found(
        seen(None, None, made=lost, status=1, struck=[struck]), hit="FLUSHALL"
    )


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
        (seen(REASON, None, struck=[]), "although nothing was hit"),
    ],
)
def test_a_promise_that_was_not_kept_is_a_finding(what: Seen, words: str) -> None:
    """Each in its own words."""
    assert words in found(what)


def test_a_pause_without_a_doubt_is_hidden() -> None:
    """Half of the window was lost."""
    paused = msgspec.structs.replace(STRUCK, ended=False, phase_after="window")
    whole = trials(None, None)
    assert found(seen(None, None, struck=[paused]), hit="STOP 2 s") == ""
    without = [msgspec.structs.replace(trial, doubts=[]) for trial in whole]
    assert "without a doubt" in found(seen(None, None, made=without, struck=[paused]), hit="STOP 2 s")


@pytest.mark.parametrize(("phase_after", "words"), [("window", "as if nothing had happened"), ("drain", "")])
def test_a_pool_process_is_missed_until_its_trial_is_at_its_end(phase_after: str, words: str) -> None:
    """Then it may have had nothing to do."""
    struck = msgspec.structs.replace(STRUCK, phase_after=phase_after)
    assert words in found(seen(None, None, struck=[struck]), role="pool process")
    assert bool(found(seen(None, None, struck=[struck]), role="pool process")) == bool(words)


def test_a_pool_process_that_nothing_needed_just_then_is_named() -> None:
    """All was answered by the others, and by the one in its place."""
    lost = [msgspec.structs.replace(trial, doubts=[LOST]) for trial in trials(None, None)]
    struck = [msgspec.structs.replace(STRUCK, phase_after="window")]
    assert found(seen(None, None, made=lost, struck=struck), role="pool process") == ""
    assert "as if nothing had happened" in found(seen(None, None, made=lost, struck=struck), role="worker")


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

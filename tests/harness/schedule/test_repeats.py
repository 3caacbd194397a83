"""Disturbed trials are measured again, up to limits of one trial and of the run."""

import pytest

from harness.results.model import Doubt, Trial
from harness.schedule.repeats import IN_VAIN_MOST, Repeats
from tests.builders import trial_of

NOISY = Doubt(kind="noisy-machine", text="others used it", advice="wait")


def repeats_of(trials: int) -> Repeats:
    """Of a run with so many trials."""
    repeats = Repeats(2)
    repeats.expect(trials)
    return repeats


def measured(repeats: Repeats, noisy: int) -> list[Trial]:
    """A trial that others disturb so many times, with its repeats."""
    trials = []
    for times in range(noisy + 1):
        trial = trial_of(doubts=[NOISY] if times < noisy else [])
        trials.append(repeats.judged(trial, times))
        if trials[-1].status != "disturbed":
            break
    return trials


@pytest.mark.parametrize(
    ("noisy", "statuses", "doubted"),
    [
        (0, ["measured"], False),
        (1, ["disturbed", "measured"], False),
        (2, ["disturbed", "disturbed", "measured"], False),
        (9, ["disturbed", "disturbed", "measured"], True),
    ],
)
def test_a_disturbed_trial_is_repeated_up_to_twice(noisy: int, statuses: list[str], doubted: bool) -> None:
    """If others are still there, the last one counts, with its doubt."""
    trials = measured(repeats_of(100), noisy)
    assert [trial.status for trial in trials] == statuses
    assert bool(trials[-1].doubts) == doubted
    assert all(trial.error == "measured again: noisy-machine" for trial in trials[:-1])


def test_no_more_than_a_fifth_of_a_run_is_repeated() -> None:
    """A machine that is noisy now and then does not make a run much longer, and the run says so."""
    repeats = repeats_of(30)
    statuses = [trial.status for _ in range(30) for trial in measured(repeats, 1)]
    assert statuses.count("disturbed") == 6
    assert statuses.count("measured") == 30
    assert repeats.stopped == "disturbed trials are no longer measured again: 6 were, 20 % of the run"


def test_a_machine_that_is_never_quiet_ends_the_repeats() -> None:
    """Three trials in a row that stayed disturbed after two repeats each."""
    repeats = repeats_of(1000)
    statuses = [trial.status for _ in range(50) for trial in measured(repeats, 9)]
    assert statuses.count("disturbed") == 2 * IN_VAIN_MOST
    assert repeats.stopped is not None
    assert "3 in a row stayed disturbed" in repeats.stopped


def test_a_quiet_trial_in_between_shows_that_repeats_are_worth_it() -> None:
    """They go on."""
    repeats = repeats_of(1000)
    for _ in range(10):
        measured(repeats, 9)
        measured(repeats, 0)
    assert repeats.stopped is None


def test_a_run_of_a_few_trials_may_repeat_one() -> None:
    """A fifth of one is less."""
    assert [trial.status for trial in measured(repeats_of(1), 2)] == ["disturbed", "measured"]


def test_a_run_may_do_without_repeats() -> None:
    """What was disturbed has its doubt."""
    (trial,) = measured(Repeats(0), 9)
    assert (trial.status, [doubt.kind for doubt in trial.doubts]) == ("measured", ["noisy-machine"])

"""Short runs of one side as one run, and two sides pair by pair."""

from statistics import geometric_mean

import msgspec
import pytest

from harness.results.model import Results
from harness.statistics.interleaved import merged
from harness.statistics.two_runs import changes
from tests.builders import cell_of, results_of, trial_of


def part(*rates: float) -> Results:
    """A run of as many rounds."""
    trials = [trial_of(number, rate) for number, rate in enumerate(rates, 1)]
    results = results_of([cell_of(trials=trials)])
    return msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, rounds=len(rates)))


def test_each_part_is_a_boot_whose_rounds_follow_those_before_it() -> None:
    """So that boots and rounds of two sides are pairs."""
    whole = merged([part(100.0, 101.0), part(90.0, 91.0)], "base")
    (cell,) = whole.cells
    assert [(trial.boot, trial.round, trial.throughput_per_s) for trial in cell.trials] == [
        (0, 1, 100.0),
        (0, 2, 101.0),
        (1, 3, 90.0),
        (1, 4, 91.0),
    ]
    assert (whole.run.id, whole.run.boots, whole.run.rounds) == ("base", 2, 4)


def test_what_drifts_hits_both_of_a_pair_and_cancels() -> None:
    """The machine's speed halves and doubles, one side is always 2 % faster: unpaired, nothing could be said."""
    speeds = [100.0, 50.0, 200.0, 80.0, 120.0, 60.0]
    base = merged([part(speed) for speed in speeds], "base")
    new = merged([part(speed * gain) for speed, gain in zip(speeds, (1.02, 1.021, 1.019) * 2, strict=True)], "new")
    paired = next(change for change in changes(base, new, paired=True) if change.metric.key == "throughput_per_s")
    unpaired = next(change for change in changes(base, new) if change.metric.key == "throughput_per_s")
    assert paired.ratio == pytest.approx(geometric_mean([1.02, 1.021, 1.019]))
    assert paired.ci95 is not None
    assert unpaired.ci95 is not None
    assert 1.01 < paired.ci95[0] < paired.ci95[1] < 1.03
    assert unpaired.ci95[0] < 0.7

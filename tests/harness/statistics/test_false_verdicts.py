"""How often intervals hold the truth, and how often a difference is called where there is none: simulated runs."""

import random

import msgspec
import pytest

from harness.results.model import Cell, Usages
from harness.statistics.comparisons import comparisons, ratio_of
from harness.statistics.gates import judge, parse
from harness.statistics.intervals import Estimate
from harness.statistics.metrics import MEMORY, THROUGHPUT
from harness.statistics.ranking import best
from harness.statistics.two_runs import changes
from tests.builders import cell_of, results_of, trial_of, usage_of, view_of
from tests.harness.statistics.simulated import run_of

RUNS = 400
CALLED = ("faster", "slower", "more", "less")


def holds(estimate: Estimate | None, truth: float) -> bool:
    """Whether the estimate's 95 % interval holds it."""
    interval = estimate.interval() if estimate else None
    assert interval is not None
    return interval[0] <= truth <= interval[1]


def by_rounds_alone(cell: Cell) -> Cell:
    """The cell as if all of its rounds were of one boot."""
    trials = [msgspec.structs.replace(trial, boot=0) for trial in cell.trials]
    return msgspec.structs.replace(cell, trials=trials)


@pytest.mark.parametrize(
    ("boots", "rounds", "ratio"), [(2, 3, 1.6), (2, 3, 6.0), (3, 2, 1.6), (3, 2, 6.0), (5, 1, 6.0), (5, 3, 6.0)]
)
def test_intervals_of_equal_runs_hold_the_mean(boots: int, rounds: int, ratio: float) -> None:
    """At least 93 of 100, where boots vary 1.6 to 6 times as much as rounds; of rounds alone it is far fewer."""
    draw = random.Random(1)
    held = alone = 0
    for _ in range(RUNS):
        (cell,) = run_of(draw, [100.0], boots=boots, rounds=rounds, boot_to_round=ratio)
        held += holds(THROUGHPUT.estimated(cell), 100.0)
        alone += holds(THROUGHPUT.estimated(by_rounds_alone(cell)), 100.0)
    assert held >= 0.93 * RUNS
    assert rounds == 1 or alone < 0.9 * RUNS


@pytest.mark.parametrize("drift", [0.0, 0.3])
def test_intervals_of_ratios_hold_one_also_while_the_machine_drifts(drift: float) -> None:
    """What changes for both alike cancels: all rates of a run change by a third."""
    draw = random.Random(2)
    held = 0
    for _ in range(RUNS):
        base, other = run_of(draw, [100.0, 100.0], boots=3, rounds=2, drift=drift)
        held += holds(ratio_of(base, other, THROUGHPUT), 1.0)
    assert held >= 0.93 * RUNS


def test_among_four_equal_rows_any_verdict_is_rare() -> None:
    """At most 5 % of the groups have a false verdict or a star; without adjustment it is more than twice as many."""
    draw = random.Random(3)
    any_false = any_unadjusted = 0
    for _ in range(RUNS):
        cells = run_of(draw, [100.0] * 4, boots=5, rounds=1)
        found = comparisons(cells, [view_of()])
        starred = best(cells)
        any_false += starred is not None or any(one.verdict in CALLED for one in found)
        any_unadjusted += any(not holds(ratio_of(cells[0], other, THROUGHPUT), 1.0) for other in cells[1:])
    assert any_false <= 0.05 * RUNS
    assert any_unadjusted > 0.1 * RUNS


def test_a_difference_that_there_is_is_found() -> None:
    """Of a third, among four rows, whose boots vary by 4 %."""
    draw = random.Random(4)
    found = 0
    for _ in range(50):
        cells = run_of(draw, [100.0, 75.0, 100.0, 100.0], boots=5, rounds=1)
        found += comparisons(cells, [view_of()])[0].verdict == "slower"
    assert found >= 45


def test_a_gate_on_identical_code_fails_in_one_of_forty_at_most() -> None:
    """Four cells a run; 5 % allowed; boots vary as they were seen to, up to 6 times as much as rounds."""
    draw = random.Random(5)
    failed, comparisons_made = 0, RUNS // 2
    for _ in range(comparisons_made):
        base, new = (results_of(run_of(draw, [100.0] * 4, boots=3, rounds=2, boot_to_round=6.0)) for _ in "ab")
        judged = judge(parse("throughput:5%"), list(changes(base, new)))
        failed += any(result.outcome == "failed" for result in judged)
    assert failed <= comparisons_made / 40


def test_equal_memory_is_never_called_more() -> None:
    """Five readings of one worker are one sample, and a ratio of 1.00014 is no difference in any words."""

    def row(name: str, mb: float, boots: int) -> Cell:
        trials = [
            trial_of(n + 1, boot=n * boots // 5, usage=Usages(driver=usage_of(0.5, memory_mb=mb + n / 1000)))
            for n in range(5)
        ]
        return cell_of(name, trials=trials, id=name)

    for boots, verdict in ((1, None), (5, "no difference")):
        found = comparisons([row("a", 100.0, boots), row("b", 100.014, boots)], [view_of()])
        assert [one.verdict for one in found if one.metric == MEMORY.key] == [verdict]

"""The rows of `benchmarks.impossible`: a figure is right within 2 % of its bound, and each case can be measured."""

import pytest

from benchmarks.bounds.cases import ESTIMATORS, POOLS, SLOTS, Case
from benchmarks.bounds.row import below, near
from benchmarks.bounds.running import plan_of, row_of
from harness.plan.cells import cells
from harness.results.model import Machine, Served
from harness.statistics.doubts import of_machine
from tests.builders import trial_of


@pytest.mark.parametrize(("figure", "verdict"), [(97.9, "WRONG"), (98.1, "right"), (101.9, "right"), (102.1, "WRONG")])
def test_a_figure_is_right_within_2_percent(figure: float, verdict: str) -> None:
    """To either side."""
    assert near("a", figure, 100.0, "/s", "b").verdict == verdict


@pytest.mark.parametrize(("figure", "verdict"), [(89.0, "WRONG"), (91.0, "right"), (99.9, "right"), (100.0, "WRONG")])
def test_what_must_lie_below_a_bound_does_not_reach_it(figure: float, verdict: str) -> None:
    """And comes near."""
    assert below("a", figure, 100.0, "/s", "b", 0.9).verdict == verdict


@pytest.mark.parametrize("part", [POOLS, SLOTS, ESTIMATORS])
def test_the_cases_of_a_part_are_a_plan(part: tuple[Case, ...]) -> None:
    """Each finds its cell."""
    shown = {view for cell in cells(plan_of(part), "here") for view in cell.views}
    assert shown == {str(number) for number in range(len(part))}


def test_a_count_may_be_off_by_what_the_ends_of_the_window_cut() -> None:
    """A request of each client, and 2 %; a rate may not."""
    counting = next(case for case in SLOTS if case.workload == "pipeline")
    served = Served(seconds=10.0, requests=240, mean_ms=250.0)
    assert counting.edges(trial_of(1, 8.0, served=served)) == 4 * 3 / 240
    assert row_of(counting, trial_of(1, 8.0, served=served)).verdict == "right"
    assert row_of(counting, trial_of(1, 7.5, served=served)).verdict == "right"
    assert row_of(counting, trial_of(1, 7.4, served=served)).verdict == "WRONG"
    assert POOLS[0].edges(trial_of(1, 199.0, served=served)) == 0.0


def test_a_trial_that_breaks_a_bound_is_no_defect_of_the_report() -> None:
    """One that was not measured is."""
    assert row_of(POOLS[0], trial_of(1, 267.0, status="impossible", error="267/s, but")).verdict == "impossible"
    assert row_of(POOLS[0], trial_of(1, 267.0, status="failed", error="x")).verdict == "WRONG"
    assert row_of(POOLS[0], trial_of(1, 199.0)).verdict == "right"
    assert row_of(POOLS[0], trial_of(1, 267.0)).verdict == "WRONG"


def test_a_figure_that_others_disturbed_is_measured_again_and_no_defect() -> None:
    """Only where it is not right."""
    (noisy,) = of_machine(Machine(seconds=1.0, cpus=2, others_cpu_s=1.0, steal_s=0.0))
    assert row_of(POOLS[0], trial_of(1, 150.0, doubts=[noisy])).verdict == "disturbed"
    assert row_of(POOLS[0], trial_of(1, 199.0, doubts=[noisy])).verdict == "right"

"""The simulation of a fleet drives a session's own trial."""

from pathlib import Path

from benchmarks.fleet_simulation import cost_of, folded


def test_a_trial_of_drivers_and_workers_that_cost_nothing_is_measured(tmp_path: Path) -> None:
    """All their requests are counted, and each was executed once, or it fails; what is left is some CPU."""
    cost = cost_of(3, 5, folded(), tmp_path)
    assert cost.seconds > 0
    assert cost.cpu_s > 0
    assert list(tmp_path.iterdir()) == []

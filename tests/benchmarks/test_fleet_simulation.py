"""The simulation of a fleet drives a session's own trial."""

from pathlib import Path

from benchmarks.fleet_simulation import folded, seconds_of


def test_a_trial_of_drivers_that_cost_nothing_is_measured(tmp_path: Path) -> None:
    """All their requests are counted, or it fails; what is left is some CPU."""
    taken_s, cpu_s = seconds_of(3, folded(), tmp_path)
    assert taken_s > 0
    assert cpu_s > 0
    assert list(tmp_path.iterdir()) == []

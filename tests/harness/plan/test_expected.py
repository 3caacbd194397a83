"""How long a trial is expected to take before anything was measured: by what the work says of itself."""

import pytest

from harness.plan.cells import cells
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.schedule.schedule import mean_s


def planned(load: str, seconds: float, slots: int = 4) -> list[CellPlan]:
    """One cell of `sleep`, with windows of 5 s."""
    view = ViewPlan(
        name="v",
        workloads=["sleep"],
        contenders=[f"fake:{slots}"],
        loads=[load],
        set={"sleep": {"seconds": seconds}},
    )
    return cells(Plan(view=[view], warmup="1s", duration="5s"), "the test")


@pytest.mark.parametrize(
    ("load", "seconds", "at_least_s", "at_most_s"),
    [
        ("closed:4", 0.05, 6.0, 7.0),
        ("closed:4", 300.0, 1500.0, 1600.0),  # a window of 60 s, and five of its replies around it
        ("closed:8", 300.0, 3000.0, 3100.0),  # each waits for another one
        ("burst:8", 300.0, 1200.0, 1210.0),  # a first one, one in the warm-up, and two for each slot
        ("crash:kill-worker@4:burst:8", 300.0, 600.0, 630.0),
        ("surge:10/s*2:30s", 0.05, 60.0, 63.0),
    ],
)
def test_a_long_task_takes_long(load: str, seconds: float, at_least_s: float, at_most_s: float) -> None:
    """From the first line on, not from the first reply on."""
    assert at_least_s <= mean_s(planned(load, seconds)) <= at_most_s


def test_what_runs_in_lanes_beside_each_other_takes_so_much_less() -> None:
    """Trials with a fault alone: others are measured one after the other."""
    struck, quiet = planned("crash:kill-worker@4:burst:8", 1.0), planned("closed:4", 0.05)
    assert mean_s(struck, 4) == pytest.approx(mean_s(struck) / 4)
    assert mean_s(quiet, 4) == mean_s(quiet)


def test_a_burst_of_unlike_jobs_takes_as_long_as_its_last_long_one_more() -> None:
    """Its mean says less: 60 jobs of 20 ms and of 5 s on 8 slots, of which one in ten is long, are no 4 s."""
    mixed = {"mix": {"jobs": "90%:20ms,10%:5s"}}
    view = ViewPlan(name="v", workloads=["mix"], contenders=["fake:8"], loads=["burst:60"], set=mixed)
    assert 9.0 <= mean_s(cells(Plan(view=[view], warmup="100ms"), "the test")) <= 10.5

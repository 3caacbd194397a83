"""Whether others disturbed a trial."""

from typing import Any

import pytest

from harness.accounting.disturbance import Seen, disturbance, of_foreign_work, of_lost_processes, of_standstill
from harness.results.model import Doubt, Machine
from tests.builders import trial_of


def machine_of(**changes: Any) -> Machine:
    """Two quiet cores for two seconds."""
    return Machine(**({"seconds": 2.0, "cpus": 2, "others_cpu_s": 0.0, "steal_s": 0.0} | changes))


def doubt_of(kind: str) -> Doubt:
    """Of that kind."""
    return Doubt(kind=kind, text=f"{kind} it is", advice="wait")


def test_a_worker_that_was_stopped_is_a_standstill_although_others_answered() -> None:
    """However short it was: it is told so itself."""
    (doubt,) = of_standstill(machine_of(), 2.0, Seen(replies=100, stopped=1))
    assert (doubt.kind, doubt.text) == ("frozen", "a signal stopped workers (SIGSTOP), which then went on")


@pytest.mark.parametrize("kind", ["noisy-machine", "throttled", "frozen"])
@pytest.mark.parametrize("status", ["measured", "impossible"])
def test_what_others_did_makes_a_trial_disturbed(kind: str, status: str) -> None:
    """With figures; a bound may be broken because of them too."""
    trial = trial_of(
        status=status, doubts=[doubt_of(kind)], machine=machine_of(others_cpu_s=1.0, steal_s=0.08, frozen_s=0.3)
    )
    seen = "others 25 %, hypervisor 2.0 % of the cores; longest standstill 300 ms"
    assert disturbance(trial) == f"{kind} ({seen})"


@pytest.mark.parametrize(
    ("doubts", "status"),
    [
        ([], "measured"),
        (["driver-bound"], "measured"),
        (["noisy-machine"], "failed"),
        (["noisy-machine"], "disqualified"),
        (["noisy-machine", "not-all-ok"], "measured"),
    ],
)
def test_faults_of_its_own_are_not_measured_away(doubts: list[str], status: str) -> None:
    """A request that was lost or answered wrongly counts, whoever used the machine."""
    assert disturbance(trial_of(status=status, doubts=[doubt_of(kind) for kind in doubts])) is None


@pytest.mark.parametrize(
    ("seconds", "frozen_s", "doubted"),
    [(1.0, 0.09, False), (1.0, 0.11, True), (10.0, 0.4, False), (10.0, 0.6, True), (1.0, None, False)],
)
def test_a_standstill_is_a_doubt_where_it_is_a_good_part_of_the_window(
    seconds: float, frozen_s: float | None, doubted: bool
) -> None:
    """More than 100 ms, and more than a twentieth of the window."""
    doubts = of_standstill(machine_of(seconds=seconds, frozen_s=frozen_s), seconds, Seen())
    assert [doubt.kind for doubt in doubts] == (["frozen"] if doubted else [])


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (Seen(driver_s=1.5), "the driver did not run for more than 500 ms and 5 %"),
        (Seen(pause_s=1.5, replies=400, latency_s=0.05), "nothing was answered, as if workers, broker or origin stood"),
        (Seen(driver_s=0.4, pause_s=0.4, replies=400), None),
        (Seen(pause_s=1.5, replies=30), None),
        (Seen(pause_s=1.5, replies=400, latency_s=0.6), None),
    ],
)
def test_a_process_that_stood_still_is_seen_by_its_loop_or_by_a_pause_of_all_replies(
    seen: Seen, says: str | None
) -> None:
    """Where replies are rare or slow, a pause is nothing."""
    doubts = of_standstill(None, 5.0, seen)
    assert [doubt.kind for doubt in doubts] == (["frozen"] if says else [])
    assert says is None or doubts[0].text.startswith(says)


def test_work_of_others_is_a_doubt_and_the_trial_is_measured_again() -> None:
    """It took slots, and is in no figure."""
    assert of_foreign_work(0, 0) == []
    (doubt,) = of_foreign_work(3, 7)
    assert "executed 7 tasks of others, and 3 messages of others waited" in doubt.text
    assert disturbance(trial_of(1, 10.0, doubts=[doubt])) is not None


def test_a_lost_pool_process_is_a_doubt_and_the_trial_is_measured_again() -> None:
    """Its slots were missing for a while, with whatever was answered."""
    assert of_lost_processes(0) == []
    (doubt,) = of_lost_processes(1)
    assert doubt.text.startswith("a process of a worker's pool ended")
    assert of_lost_processes(3)[0].text.startswith("3 processes")
    assert disturbance(trial_of(1, 10.0, doubts=[doubt])) is not None

"""What a request costs, from the rows of one contender: every figure by hand."""

import msgspec
import pytest

from harness.accounting.costs import costs_of
from harness.results.model import Cell, Usages
from tests.builders import cell_of, latency_of, stages_of, trial_of, usage_of


def _pool(slots: int, processes: int, bottleneck: str = "slots") -> tuple[Cell, Cell]:
    """A pool that serves 100/s in full use with one core, and takes 60 ms alone, 50 of them in a slot."""
    usages = Usages(
        driver=usage_of(0.2), workers=usage_of(1.0, main_cpu_s=0.4, processes=processes), broker=usage_of(0.05)
    )
    full = trial_of(usage=usages, bottleneck=bottleneck, redis_commands=17.0)
    alone = trial_of(throughput_per_s=16.0, latency_ms=latency_of(60.0), stages_ms=stages_of(50.0))
    made = {"side": "celery", "slots": slots}
    return cell_of("celery-pool", trials=[alone], **made), cell_of("celery-pool", trials=[full], **made)  # type: ignore[arg-type]


def test_costs_are_by_request_and_by_role() -> None:
    """100/s: 10 ms of the workers, 2 of the driver, 0.5 of the broker; 10 ms alone are outside of the slot."""
    alone, full = _pool(slots=6, processes=1)
    costs = costs_of(alone, full, [0.05])
    assert costs is not None
    assert (costs.cpu_s, costs.caller_s, costs.broker_s) == pytest.approx((0.01, 0.002, 0.0005))
    assert costs.core_s == costs.cpu_s
    assert costs.outside_s == pytest.approx(0.01)
    assert costs.broker_calls == 17.0
    assert not costs.forks


@pytest.mark.parametrize("few", [False, True])
def test_what_is_outside_of_a_slot_is_told_by_the_same_figure_of_both(*, few: bool) -> None:
    """Drawn times have a middle of 69 ms and a mean of 100: with 10 ms besides, 10 ms are outside, not none."""
    alone, full = _pool(slots=6, processes=1)
    latency = msgspec.structs.replace(latency_of(79.0), mean=110.0)
    stages = stages_of(100.0)
    assert stages.execution is not None
    execution = msgspec.structs.replace(stages.execution, p50=69.0)
    if few:
        latency, execution = msgspec.structs.replace(latency, p50=None), msgspec.structs.replace(execution, p50=None)
    trial = msgspec.structs.replace(
        alone.trials[0], latency_ms=latency, stages_ms=msgspec.structs.replace(stages, execution=execution)
    )
    costs = costs_of(msgspec.structs.replace(alone, trials=[trial]), full, [0.1])
    assert costs is not None
    assert costs.outside_s == pytest.approx(0.01)


def test_without_a_middle_or_an_execution_what_is_outside_is_told_by_means() -> None:
    """60 ms alone, of which 50 in a slot: by one middle of the two, nothing is told."""
    alone, full = _pool(slots=6, processes=1)
    (trial,) = alone.trials
    assert trial.latency_ms is not None
    without = [
        msgspec.structs.replace(trial, stages_ms=None),
        msgspec.structs.replace(trial, latency_ms=msgspec.structs.replace(trial.latency_ms, p50=None)),
    ]
    for each in without:
        costs = costs_of(msgspec.structs.replace(alone, trials=[each]), full, [0.05])
        assert costs is not None
        assert costs.outside_s == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("processes", "bottleneck", "of_alone", "unhindered"),
    [(1, "machine", True, True), (1, "machine", False, False), (1, "slots", True, False), (7, "machine", True, False)],
)
def test_times_of_requests_alone_know_no_wait_for_a_core(
    processes: int, bottleneck: str, of_alone: bool, unhindered: bool
) -> None:
    """Unless the throughput says how long a slot is taken, or each slot has a process."""
    costs = costs_of(*_pool(6, processes, bottleneck), [0.05], of_alone=of_alone)
    assert costs is not None
    assert costs.unhindered is unhindered


def test_a_slot_is_taken_for_as_long_as_was_seen_where_slots_were_the_limit() -> None:
    """6 slots served 100/s: 60 ms each. Where something else was, the time is that of execution."""
    seen, limited = (costs_of(*_pool(6, 1, bottleneck), [0.05]) for bottleneck in ("slots", "machine"))
    assert seen is not None
    assert limited is not None
    assert seen.slot_s == pytest.approx(0.06)
    assert limited.slot_s == pytest.approx(0.05)


def test_a_pool_with_more_processes_than_slots_has_one_for_each() -> None:
    """Its main process alone has one core for all of them; its memory is that of a process."""
    costs = costs_of(*_pool(slots=6, processes=7), [0.05])
    assert costs is not None
    assert costs.forks
    assert costs.core_s == pytest.approx(0.002)
    assert costs.process_mb == pytest.approx(100 / 7)


def test_coroutines_are_executed_by_the_driver() -> None:
    """Which is no caller beside them, and has no broker."""
    alone, full = (cell_of(trials=[trial_of(stages_ms=stages_of(10.0))], slots=None) for _ in range(2))
    costs = costs_of(alone, full, [0.01])
    assert costs is not None
    assert (costs.cpu_s, costs.core_s, costs.caller_s, costs.broker_s) == pytest.approx((0.005, 0.005, 0, 0))


def test_without_a_measured_trial_there_are_no_costs() -> None:
    """Nor without execution times."""
    alone, full = _pool(6, 1)
    failed = msgspec.structs.replace(full, trials=[trial_of(status="failed")])
    assert costs_of(alone, failed, [0.05]) is None
    assert costs_of(alone, full, []) is None

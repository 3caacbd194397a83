"""The event loop of work that runs in the driver: when it is the limit, and when that is a doubt."""

from pathlib import Path
from typing import Any

import pytest

from harness.accounting.event_loop import Loop, doubts_of
from harness.accounting.event_loop import held as held_share
from harness.results.model import LoopLag, Machine, Trial, Usages
from tests.builders import usage_of
from tests.harness.accounting.conftest import accounted, kinds, of_trials, trial
from tests.harness.session.doubles import recording_of

LAG = LoopLag(p50=20.0, p99=48.0, max=50.0)
BUSY_DRIVER, IDLE_DRIVER = (0.0, 1.9, 2.0), (0.0, 0.1, 2.0)


def held(tmp_path: Path, blocked: float, busy: float | None, *, in_driver: bool = True, **changes: Any) -> Trial:
    """A trial whose driver's event loop was held for these shares of the window."""
    loop = {"loop_lag": LAG, "loop_blocked": blocked, "loop_busy": busy}
    return accounted(
        tmp_path, load="closed:2", in_driver=in_driver, recording=loop, **{"driver": IDLE_DRIVER} | changes
    )


def test_a_blocked_loop_is_a_verdict_with_its_share(tmp_path: Path) -> None:
    """The limit is named, the doubt has the share of the window and the lag, and the document both shares."""
    seen = held(tmp_path, 0.97, 0.98)
    assert seen.bottleneck == "event loop"
    (doubt,) = [doubt for doubt in seen.doubts if doubt.kind == "loop-blocked"]
    assert "97 %" in doubt.text
    assert "48 ms" in doubt.text
    assert (seen.loop_blocked, seen.loop_busy, seen.loop_lag_ms) == (0.97, 0.98, LAG)


def test_computing_in_the_loop_blocks_it_too(tmp_path: Path) -> None:
    """Also where the driver's core is busy: everything else waits."""
    seen = held(tmp_path, 0.95, 0.99, driver=BUSY_DRIVER)
    assert seen.bottleneck == "event loop"
    assert "loop-blocked" in kinds(seen)


def test_a_loop_that_is_only_busy_is_the_driver(tmp_path: Path) -> None:
    """Many short callbacks use its core, and nothing waits for long."""
    seen = held(tmp_path, 0.0, 0.99, driver=BUSY_DRIVER)
    assert seen.bottleneck == "driver"
    assert "loop-blocked" not in kinds(seen)


def test_many_short_calls_that_block_are_the_limit_as_well(tmp_path: Path) -> None:
    """Each too short to be called blocking; but the loop never waits, and its core is idle."""
    seen = held(tmp_path, 0.0, 0.96, driver=IDLE_DRIVER)
    assert seen.bottleneck == "event loop"
    (doubt,) = [doubt for doubt in seen.doubts if doubt.kind == "loop-blocked"]
    assert "96 %" in doubt.text


@pytest.mark.parametrize(("blocked", "doubted"), [(0.04, False), (0.06, True), (0.5, True)])
def test_a_loop_that_is_blocked_now_and_then_is_doubted_and_not_the_limit(
    tmp_path: Path, blocked: float, doubted: bool
) -> None:
    """From a twentieth of the window on."""
    seen = held(tmp_path, blocked, 0.6)
    assert ("loop-blocked" in kinds(seen)) is doubted
    assert seen.bottleneck != "event loop"


def test_the_loop_of_a_driver_that_only_publishes_is_not_that_of_the_work(tmp_path: Path) -> None:
    """Work in workers does not run in it; its lag is shown all the same."""
    seen = held(tmp_path, 0.97, 0.98, in_driver=False)
    assert "loop-blocked" not in kinds(seen)
    assert seen.bottleneck != "event loop"
    assert (seen.loop_blocked, seen.loop_lag_ms) == (None, LAG)


def test_without_a_window_nothing_is_said(tmp_path: Path) -> None:
    """As of a trial that ended before."""
    loop = {"loop_lag": None, "loop_blocked": None, "loop_busy": None}
    assert "loop-blocked" not in kinds(accounted(tmp_path, in_driver=True, recording=loop))


def test_the_summary_has_the_means_over_the_trials() -> None:
    """Null where a trial does not know."""
    trials = [trial(n, loop_lag_ms=LAG, loop_blocked=share, loop_busy=0.9) for n, share in enumerate((0.2, 0.4), 1)]
    summary = of_trials(trials)
    assert [summary.loop_lag_p99_ms, summary.loop_busy, summary.loop_blocked] == pytest.approx([48.0, 0.9, 0.3])
    assert of_trials([*trials, trial(3)]).loop_blocked is None


@pytest.mark.parametrize(
    ("clients", "longest_ms", "cpu_s", "blocked"),
    [
        (256, 60.0, 1.9, False),  # 256 replies at once, 0.3 ms each
        (256, 200.0, 1.9, True),  # longer than all of them together take
        (8, 60.0, 1.9, True),  # eight replies do not take as long
        (256, 60.0, 0.1, True),  # the core was idle meanwhile: something waited
    ],
)
def test_many_short_callbacks_at_once_are_no_block(
    clients: int, longest_ms: float, cpu_s: float, blocked: bool
) -> None:
    """Of 3,000 requests/s on one core, none holds the loop for long; their clients' replies arrive together."""
    lag = LoopLag(p50=5.0, p99=40.0, max=longest_ms)
    recording = recording_of(loop_lag=lag, loop_blocked=0.6, loop_busy=0.97)
    loop = Loop(recording, Usages(driver=usage_of(cpu_s / 2)), 3000.0, clients)
    assert (held_share(loop) > 0) is blocked
    assert bool(doubts_of(loop, None)) is blocked


def loop_of(machine: Machine | None = None, *, at_once: int = 20, per_s: float = 300.0, **changes: Any) -> Loop:
    """Of arrivals whose requests take 0.3 ms of CPU each: 20 under way at the most."""
    values = {"loop_lag": LoopLag(p50=1.0, p99=40.0, max=60.0), "loop_blocked": 0.08, "loop_busy": 0.1}
    return Loop(recording_of(**values | changes), Usages(driver=usage_of(0.09)), per_s, at_once, machine)


def machine_of(**changes: Any) -> Machine:
    """Two cores, two seconds."""
    return Machine(**{"seconds": 2.0, "cpus": 2, "others_cpu_s": 0.0, "steal_s": 0.0} | changes)


def test_of_arrivals_too_many_short_callbacks_at_once_are_no_block() -> None:
    """The longest round, without its wait for a core, is no longer than what was under way takes."""
    assert doubts_of(loop_of(), None)
    assert doubts_of(loop_of(loop_longest_ms=30.0), None)
    assert not doubts_of(loop_of(loop_longest_ms=11.0), None)
    assert not doubts_of(loop_of(loop_longest_ms=30.0, at_once=60), None)


def test_what_arrived_while_the_machine_stood_still_comes_together() -> None:
    """A third of a second at 300/s are a hundred requests."""
    assert doubts_of(loop_of(machine_of(frozen_s=0.01), loop_longest_ms=40.0), None)
    assert not doubts_of(loop_of(machine_of(frozen_s=0.34), loop_longest_ms=40.0), None)


def test_a_loop_that_waited_no_longer_than_others_explain_is_not_blamed() -> None:
    """Others used 40 % of the machine: a loop that was idle for 8 % at a time waited for them; one of 90 % did not."""
    noisy = machine_of(others_cpu_s=1.6)
    idle = Usages(driver=usage_of(0.01))
    assert not doubts_of(loop_of(noisy)._replace(usage=idle), None)
    assert held_share(loop_of(noisy)._replace(usage=idle)) == 0
    blocked = loop_of(noisy, loop_blocked=0.9, loop_busy=0.95)._replace(usage=idle)
    assert doubts_of(blocked, None)
    assert held_share(blocked) == pytest.approx(0.95)
    computing = loop_of(noisy, loop_blocked=0.3, loop_busy=0.35)._replace(usage=Usages(driver=usage_of(0.3)), per_s=20)
    assert doubts_of(computing, None)


def test_what_the_hypervisor_took_is_not_the_works() -> None:
    """Its share of the window may have been the loop's."""
    assert doubts_of(loop_of(machine_of(steal_s=0.04)), None)
    assert not doubts_of(loop_of(machine_of(steal_s=0.1)), None)
    assert held_share(loop_of(machine_of(steal_s=0.1))) == pytest.approx(0.03)

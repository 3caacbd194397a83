"""Doubts: each typed, with advice, on one side of its threshold only; and what each needs to be raised."""

from typing import Any

import msgspec
import pytest

from harness.results.model import Doubt, Machine, Settings, Stage, Stages
from harness.statistics import doubts
from harness.statistics.doubts import (
    each_kind_once,
    of_celery,
    of_clocks,
    of_drift,
    of_floor,
    of_growth,
    of_machine,
    of_pacing,
    of_pause,
    of_requests,
    of_settings,
)
from harness.statistics.resource_doubts import of_bottleneck
from harness.statistics.round_doubts import of_boots, of_rounds
from tests.builders import stages_of, trial_of

ONE_OF_EACH: list[Doubt] = [
    *of_bottleneck("driver"),
    *of_bottleneck("origin"),
    *of_bottleneck("machine"),
    *of_drift(2.0),
    *of_requests(1, 9, 1),
    *of_clocks(False, True),
    *of_machine(Machine(seconds=1.0, cpus=1, others_cpu_s=1.0, steal_s=0.0)),
    *of_growth(True, 10.0, None),
    *of_pause(True),
    *of_settings(Settings(asked={"slots": 1}, effective={"slots": 2})),
    *of_celery(Settings(asked={}, effective={"celery": "5.6.3"})),
    *of_floor(9.0, 10.0, False),
    *of_rounds(1, 100.0, None),
    *of_rounds(5, 100.0, (50.0, 200.0)),
    *of_boots(1, 5),
]


def kinds(found: list[Doubt]) -> list[str]:
    """The kinds; each has a text and advice."""
    assert all(doubt.text and doubt.advice for doubt in found)
    return [doubt.kind for doubt in found]


def test_every_doubt_has_a_kind_of_its_own_a_text_and_advice() -> None:
    """A reader finds each by its kind, and learns what to do."""
    assert len(ONE_OF_EACH) == len(set(kinds(ONE_OF_EACH))) == 17
    assert all(doubt.kind and doubt.text.strip() and doubt.advice.strip() for doubt in ONE_OF_EACH)


@pytest.mark.parametrize(
    ("version", "doubted"),
    [
        ("5.5.3", True),
        ("5.6.0rc1", True),
        ("4.4", True),
        ("5.7.0", False),
        ("5.10.1", False),
        ("6.0", False),
        ("x", False),
    ],
)
def test_an_older_celery_is_a_doubt(version: str, doubted: bool) -> None:
    """And none where there is no Celery."""
    assert kinds(of_celery(Settings(asked={}, effective={"celery": version}))) == ["older-celery"] * doubted
    assert of_celery(Settings(asked={}, effective={})) == []


@pytest.mark.parametrize("limit", ["driver", "origin", "machine"])
def test_a_limit_that_both_sides_share_is_a_doubt(limit: str) -> None:
    """What limits one contender alone is a result."""
    assert kinds(of_bottleneck(limit)) == [f"{limit}-bound"]


@pytest.mark.parametrize("limit", [None, "slots", "worker main process", "worker children", "broker"])
def test_a_contenders_own_limit_is_none(limit: str | None) -> None:
    """It is what was to be found out."""
    assert of_bottleneck(limit) == []


@pytest.mark.parametrize(
    ("drift", "expected"), [(None, []), (1.19, []), (0.81, []), (1.21, ["drifting"]), (0.79, ["drifting"])]
)
def test_a_window_that_was_not_steady(drift: float | None, expected: list[str]) -> None:
    """More than a fifth between its halves."""
    assert kinds(of_drift(drift)) == expected


def test_requests_not_answered_well_once() -> None:
    """Two kinds: not ok, and executed twice."""
    assert kinds(of_requests(0, 9, 0)) == kinds(of_requests(0, 9, None)) == []
    assert kinds(of_requests(1, 9, None)) == ["not-all-ok"]
    assert kinds(of_requests(1, 9, 2)) == ["not-all-ok", "duplicated"]
    (doubt,) = of_requests(3, 9, None, unanswered=2)
    assert doubt.text.endswith("or were lost; 2 were executed, and their answers did not arrive")
    assert of_requests(1378, 122, None)[0].text.startswith("1,378 of 1,500 requests")


def test_clocks_and_debug_mode() -> None:
    """Either makes times other than they seem."""
    assert of_clocks(True, False) == []
    assert kinds(of_clocks(False, True)) == ["clock-not-comparable", "debug-mode"]


def machine(others: float = 0.0, steal: float = 0.0) -> Machine:
    """Ten seconds on 2 CPUs, of which those shares went to others."""
    return Machine(seconds=10.0, cpus=2, others_cpu_s=20 * others, steal_s=20 * steal)


def test_a_machine_that_others_use() -> None:
    """More than a tenth of its cores, or stolen by the hypervisor."""
    assert of_machine(None) == of_machine(machine(0.09, 0.019)) == []
    assert kinds(of_machine(machine(others=0.11))) == kinds(of_machine(machine(steal=0.03))) == ["noisy-machine"]


def test_a_growing_backlog_names_both_rates() -> None:
    """What was asked, and what was served."""
    assert of_growth(False, 100.0, 60.0) == []
    (doubt,) = of_growth(True, 100.0, 60.0)
    assert doubt.kind == doubts.UNSUSTAINABLE
    assert "100/s" in doubt.text
    assert "60/s" in doubt.text


def chain(lag_mean: float, lag_p99: float | None) -> Stages:
    """Ten ms of execution after that lag."""
    rest = Stage(mean=0.0, p50=0.0, p99=0.0)
    lag = Stage(mean=lag_mean, p50=lag_mean, p99=lag_p99)
    execution = Stage(mean=10.0, p50=10.0, p99=10.0)
    return Stages(driver_lag=lag, publish=rest, queue_wait=rest, execution=execution, return_=rest)


def test_late_pacing_needs_a_share_of_the_latency_and_a_millisecond() -> None:
    """A microsecond late is a large share of a no-op, and means nothing."""
    assert kinds(of_pacing(chain(2.0, 5.0))) == ["late-pacing"]
    assert of_pacing(chain(2.0, 0.9)) == of_pacing(chain(0.5, 5.0)) == of_pacing(None) == []


def test_late_pacing_goes_by_the_mean_where_there_is_no_p99() -> None:
    """A hundred requests, each of them late, are late all the same."""
    assert kinds(of_pacing(chain(2.0, None))) == ["late-pacing"]
    assert of_pacing(chain(0.9, None)) == []


def test_a_pause_that_did_not_hold() -> None:
    """Publishing and draining are then mixed."""
    assert of_pause(False) == []
    assert kinds(of_pause(True)) == ["pause-did-not-hold"]


def test_settings_that_differ_are_named() -> None:
    """With both values; what a contender does not report cannot differ."""
    assert of_settings(Settings(asked={"slots": 4, "pool": "x"}, effective={"slots": 4})) == []
    (doubt,) = of_settings(Settings(asked={"slots": 4}, effective={"slots": 8}))
    assert doubt.kind == "settings-differ"
    assert "slots = 8 (requested: 4)" in doubt.text


def test_a_floor_above_a_fifth_of_the_latency() -> None:
    """Not where the latency is the floor itself, or none is known."""
    assert kinds(of_floor(2.1, 10.0, False)) == ["floor"]
    assert of_floor(1.9, 10.0, False) == of_floor(2.1, 10.0, True) == of_floor(None, 10.0, False) == []


def test_rounds_too_few_or_too_far_apart() -> None:
    """Five are needed; with five, an interval within ±10 %."""
    assert kinds(of_rounds(4, 100.0, (99.0, 101.0))) == ["too-few-rounds"]
    assert kinds(of_rounds(5, 100.0, (85.0, 115.0))) == ["wide-interval"]
    assert of_rounds(5, 100.0, (95.0, 105.0)) == []


def test_doubts_of_several_trials_stand_once_each() -> None:
    """The first of each kind."""
    first, second = of_growth(True, 100.0, 60.0), of_growth(True, 100.0, 50.0)
    found = each_kind_once([trial_of(doubts=first), trial_of(doubts=[*second, *of_pause(True)])])
    assert found == [*first, *of_pause(True)]


def test_a_machine_at_its_limits_is_not_noisy() -> None:
    """A tenth of its cores and a fiftieth stolen are what may be."""
    assert of_machine(Machine(seconds=10.0, cpus=4, others_cpu_s=4.0, steal_s=0.8)) == []
    assert kinds(of_machine(Machine(seconds=10.0, cpus=4, others_cpu_s=4.1, steal_s=0.8))) == ["noisy-machine"]
    assert kinds(of_machine(Machine(seconds=10.0, cpus=4, others_cpu_s=4.0, steal_s=0.9))) == ["noisy-machine"]


def test_a_machine_that_was_read_at_one_moment_tells_nothing() -> None:
    """No time lies between its readings, so that nothing can be a share of it."""
    assert of_machine(Machine(seconds=0.0, cpus=2, others_cpu_s=1.0, steal_s=1.0)) == []


@pytest.mark.parametrize("drift", [0.8, 1.0, 1.2])
def test_a_drift_of_a_fifth_is_still_steady(drift: float) -> None:
    """More than a fifth is none."""
    assert of_drift(drift) == []


def test_growth_without_a_rate_served_names_the_rate_asked_alone() -> None:
    """Nothing was served, so that nothing was sustained."""
    (doubt,) = of_growth(True, 1234.5, None)
    assert "1234.5/s" in doubt.text
    assert "sustained" not in doubt.text


def lagging(**parts: float | None) -> Stages:
    """A lag of 2 ms, p99 5 ms, and stages of those means; None where there is no such stage."""
    stages: dict[str, Any] = {
        name: None if mean is None else Stage(mean=mean, p50=mean, p99=mean) for name, mean in parts.items()
    }
    lag = Stage(mean=2.0, p50=2.0, p99=5.0)
    return msgspec.structs.replace(stages_of(0.0), **({"driver_lag": lag} | stages))


@pytest.mark.parametrize("stage", ["publish", "queue_wait", "execution", "return_", "transport"])
def test_late_pacing_is_a_share_of_the_whole_latency(stage: str) -> None:
    """2 of 22 ms are below a tenth, 2 of 18 ms above: whichever stage the rest is."""
    assert of_pacing(lagging(**{stage: 20.0})) == []
    assert kinds(of_pacing(lagging(**{stage: 16.0}))) == ["late-pacing"]


def test_late_pacing_is_told_without_a_common_clock_too() -> None:
    """Transport then stands for queue wait and return."""
    assert kinds(of_pacing(lagging(queue_wait=None, return_=None, transport=10.0))) == ["late-pacing"]


def test_duplicates_alone_are_a_doubt() -> None:
    """Also where every request was answered well."""
    assert kinds(of_requests(0, 9, 1)) == ["duplicated"]


def test_clocks_and_debug_mode_are_told_apart() -> None:
    """Each alone."""
    assert kinds(of_clocks(False, False)) == ["clock-not-comparable"]
    assert kinds(of_clocks(True, True)) == ["debug-mode"]


def test_all_settings_that_differ_are_named_in_one_doubt() -> None:
    """And those that do not, are not; what was not asked for cannot differ."""
    asked = {"slots": 4, "pool": "threads", "prefetch": 1}
    (doubt,) = of_settings(Settings(asked=asked, effective={"slots": 4, "pool": "solo", "prefetch": 4, "x": 9}))
    assert "pool = 'solo' (requested: 'threads'), prefetch = 4 (requested: 1)" in doubt.text
    assert "slots" not in doubt.text


def test_a_setting_reported_as_nothing_differs() -> None:
    """None is a value; a key that is left out is none."""
    assert kinds(of_settings(Settings(asked={"slots": 4}, effective={"slots": None}))) == ["settings-differ"]
    assert of_settings(Settings(asked={"slots": None}, effective={})) == []


def test_a_floor_of_a_fifth_is_none() -> None:
    """More than a fifth is one."""
    assert of_floor(2.0, 10.0, False) == []


@pytest.mark.parametrize(("centre", "interval"), [(10.0, (9.0, 11.0)), (1000.0, (901.0, 1099.0))])
def test_an_interval_is_wide_against_its_own_centre(centre: float, interval: tuple[float, float]) -> None:
    """±10 % of it, whatever the rate."""
    assert of_rounds(5, centre, interval) == []
    wider = interval[0] * 0.9, interval[1] * 1.1
    assert kinds(of_rounds(5, centre, wider)) == ["wide-interval"]


def test_rounds_without_an_interval_are_not_called_wide() -> None:
    """Nothing is known of their width; too few of them are that, and nothing else."""
    assert of_rounds(5, 100.0, None) == []
    assert kinds(of_rounds(1, 100.0, None)) == ["too-few-rounds"]


def test_doubts_stand_in_the_order_in_which_they_came_up() -> None:
    """None are added, none are lost."""
    first, second = of_drift(2.0), of_pause(True)
    assert each_kind_once([trial_of(), trial_of(doubts=second), trial_of(doubts=[*first, *second])]) == second + first
    assert each_kind_once([]) == []


def test_several_rounds_of_one_boot_are_a_doubt() -> None:
    """A single round has fewer rounds to complain of; two boots vary."""
    assert kinds(of_boots(1, 2)) == ["one-boot"]
    assert of_boots(1, 1) == of_boots(2, 4) == []

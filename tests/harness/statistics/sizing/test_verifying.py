"""Whether a queue grows: told from a trial's window, by queues that are known to grow or not."""

import pytest

from harness.results.model import Timeline
from harness.statistics.sizing.verifying import Small, keeps_up, trend
from tests.harness.statistics.sizing.queueing import seen

SLOT_S = 0.2


def small(slots: int) -> Small:
    """Arrivals for half a slot less."""
    return Small("c", slots, (slots - 0.5) / SLOT_S, SLOT_S)


@pytest.mark.parametrize("slots", [2, 3, 5, 8])
def test_the_queue_of_too_few_slots_grows_as_computed_and_that_of_enough_does_not(slots: int) -> None:
    """By half a slot's share of the arrivals each second."""
    made = small(slots)
    enough = trend(seen(slots, SLOT_S, made.rate_per_s, 8.0))
    fewer = trend(seen(slots - 1, SLOT_S, made.rate_per_s, 8.0))
    assert enough is not None
    assert fewer is not None
    assert enough.growth == pytest.approx(0.0, abs=0.01)
    assert fewer.growth == pytest.approx(made.growth, rel=0.1)
    assert (keeps_up(made, enough), keeps_up(made, fewer)) == (True, False)


@pytest.mark.parametrize(("taken_times", "told"), [(0.9, (True, True)), (1.04, (True, False)), (1.12, (False, False))])
def test_a_time_of_a_slot_that_is_wrong_by_more_than_half_a_slot_shows(
    taken_times: float, told: tuple[bool, bool]
) -> None:
    """Eight slots tell 6 %."""
    made = small(8)
    windows = (seen(slots, taken_times * SLOT_S, made.rate_per_s, 8.0) for slots in (8, 7))
    assert tuple(keeps_up(made, trend(window)) for window in windows) == told


def test_a_pause_near_the_end_is_no_queue_that_grows() -> None:
    """It cannot be told what would have followed."""
    made = small(8)
    assert keeps_up(made, trend(seen(8, SLOT_S, made.rate_per_s, 8.0, pause_s=0.6))) is None


def test_a_queue_that_wanders_is_seldom_called_unstable_and_one_that_grows_seldom_stable() -> None:
    """Exponential service times, at 81 % and at 130 % of the slots: of 40 windows at most two are called wrongly."""
    rate_per_s = 6.5 / SLOT_S
    told = {
        slots: [keeps_up(small(8), trend(seen(slots, SLOT_S, rate_per_s, 12.0, seed=seed))) for seed in range(40)]
        for slots in (8, 5)
    }
    assert told[8].count(False) <= 2
    assert told[8].count(True) >= 20
    assert told[5].count(True) == 0
    assert told[5].count(False) >= 30


def test_too_few_replies_tell_nothing() -> None:
    """A part of the window without any."""
    empty = Timeline(slice_s=0.1, ok=[1, *[0] * 19], mean_ms=[5.0, *[None] * 19], max_ms=[5.0, *[None] * 19])
    assert trend(empty) is None
    assert trend(None) is None
    assert keeps_up(small(2), None) is None

"""The search for the highest rate of each cell: in turns, confirmed in every round, or given up."""

import asyncio
import re

import msgspec
import pytest

from harness.plan.limit import Limit
from harness.plan.plan import CellPlan
from harness.results.model import Trial
from harness.schedule.find_rate import FindRate
from tests.builders import stages_of
from tests.harness.schedule.recorded import Recorded, plan_of, ran


def searched(rounds: int = 3, **rates: float) -> Recorded:
    """A search over cells that hold exactly up to these rates."""
    plans = [plan_of(name, rounds, load="open:10/s") for name in rates]
    return ran(FindRate(Limit.parse("p99<250ms", "the test")), plans, lambda name, _: rates[name])


def test_each_search_confirms_its_own_rate_in_every_round() -> None:
    """With what did not hold, and what limited it."""
    trials = searched(a=100.0, b=1000.0)
    for name, truth in (("a", 100.0), ("b", 1000.0)):
        found = trials.cell(name).highest_rate
        assert found is not None
        assert found.status == "confirmed"
        assert found.rate_per_s is not None
        assert truth / 1.06 <= found.rate_per_s <= truth
        assert found.failed_per_s is not None
        assert found.failed_per_s > truth
        assert found.limited_by == "slots"
        assert [number for one, number in trials.measured if one == name] == [1, 2, 3]
        assert len(trials.cell(name).trials) == 3


def test_that_nothing_was_busy_is_no_reason_why_a_rate_did_not_hold() -> None:
    """What limited it is then not known."""

    class Idle(Recorded):
        """Trials in which nothing was busy."""

        def _trial(self, plan: CellPlan, round_number: int) -> Trial:
            return msgspec.structs.replace(super()._trial(plan, round_number), bottleneck="unclear")

    trials = Idle([plan_of("a", 3, load="open:10/s")], lambda *_: 100.0)
    asyncio.run(FindRate(Limit.parse("p99<250ms", "the test")).run(trials))
    found = trials.cell("a").highest_rate
    assert found is not None
    assert (found.status, found.limited_by) == ("confirmed", None)


def test_no_rate_is_confirmed_at_the_ceiling() -> None:
    """16 slots of 50 ms serve 320/s at the most: no queue is stable there, however long a trial seems to hold it."""

    class Bounded(Recorded):
        """Cells of such slots."""

        ceiling_per_s = 320.0

    trials = Bounded([plan_of("a", 3, load="open:10/s")], lambda *_: 1000.0)
    asyncio.run(FindRate(Limit.parse("p99<250ms", "the test")).run(trials))
    found = trials.cell("a").highest_rate
    assert found is not None
    assert found.status == "confirmed"
    assert found.rate_per_s is not None
    assert 320 / 1.06 < found.rate_per_s < 320 / 1.01
    assert all(probe.rate_per_s < 320 for probe in found.probes)
    assert (found.failed_per_s, found.why) == (None, "no queue is stable at 320/s: 16 slots ÷ 0.05 s")


def test_no_rate_is_confirmed_at_which_executions_take_all_slots() -> None:
    """Of a job of which nobody knows how long it takes: by what its executions were seen to take."""

    class Seen(Recorded):
        """Executions of 50 ms on four slots."""

        def _trial(self, plan: CellPlan, round_number: int) -> Trial:
            trial = super()._trial(plan, round_number)
            return msgspec.structs.replace(trial, stages_ms=stages_of(50.0), busy={"slots": 0.9})

    trials = Seen([plan_of("a", 3, load="open:10/s")], lambda *_: 1000.0)
    asyncio.run(FindRate(Limit.parse("p99<250ms", "the test")).run(trials))
    found = trials.cell("a").highest_rate
    assert found is not None
    assert found.rate_per_s is not None
    assert 80 / 1.06 < found.rate_per_s < 80
    assert (found.why or "").endswith("slots, and there are 4")


def test_a_rate_that_held_at_the_second_try_is_not_among_what_did_not_hold() -> None:
    """The nearest one above the confirmed rate is."""
    tries = iter([9.5])

    def rate(name: str, number: int) -> float:
        """A hiccup at the first probe, then 100."""
        return next(tries, 100.0)

    trials = ran(FindRate(Limit.parse("p99<250ms", "the test")), [plan_of("a", 1, load="open:10/s")], rate)
    found = trials.cell("a").highest_rate
    assert found is not None
    assert [probe.held for probe in found.probes[:2]] == [False, True]
    assert found.rate_per_s is not None
    assert found.failed_per_s is not None
    assert found.failed_per_s > found.rate_per_s > 90


def test_trials_of_a_search_that_was_interrupted_are_not_shown() -> None:
    """They ran at a rate that is not confirmed; the probes say what was tried."""

    def rate(name: str, number: int) -> float:
        """Ctrl-C in the second round of confirming."""
        if number == 2:
            raise KeyboardInterrupt
        return 100.0

    trials = Recorded([plan_of("a", 3, load="open:10/s")], rate)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(FindRate(Limit.parse("p99<250ms", "the test")).run(trials))
    cell = trials.cell("a")
    assert cell.trials == []
    assert cell.highest_rate is not None
    assert cell.highest_rate.status == "searching"
    assert cell.highest_rate.rate_per_s is None


@pytest.mark.parametrize("seed", range(6))
def test_a_search_that_was_given_up_before_the_interrupt_keeps_its_reason(seed: int) -> None:
    """Only those that had not ended are cleared, whoever's turn was first."""

    class Noting(Recorded):
        """Counts what is cleared."""

        def adopt(self, plan: CellPlan) -> None:
            """Of the one that was given up: once, when it was."""
            cleared.append(plan.id)
            super().adopt(plan)

    def rate(name: str, number: int) -> float:
        """One that can do nothing, and one that is interrupted once the first has ended."""
        found = trials.cell("a").highest_rate
        if name == "b" and found is not None and found.status == "not_found":
            raise KeyboardInterrupt
        return 0.0 if name == "a" else 100.0

    cleared: list[str] = []
    trials = Noting([plan_of("a", 1, load="open:10/s"), plan_of("b", 1, load="open:10/s")], rate)
    trials.seed = seed
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(FindRate(Limit.parse("p99<250ms", "the test")).run(trials))
    assert cleared.count("a") == 1


def test_searches_take_turns() -> None:
    """So that what drifts hits all alike."""
    trials = searched(a=100.0, b=100.0)
    names = [name for name, _, _ in trials.probed]
    assert all(set(names[at : at + 2]) == {"a", "b"} for at in range(0, len(names), 2))


def test_rates_are_confirmed_in_rounds_of_all_searches() -> None:
    """Rounds may begin with services that are started afresh: who has found a rate first waits for the others."""
    trials = searched(a=50.0, b=4000.0)
    assert trials.begun == [1, 1, 2, 3]  # the floor, which there is none of, then three rounds
    assert [number for _, number in trials.measured] == [1, 1, 2, 2, 3, 3]
    assert len({len([1 for one, _, _ in trials.probed if one == name]) for name in "ab"}) == 2


def test_a_search_says_before_and_while_it_runs_what_it_may_cost() -> None:
    """About how long, and at most; both come to nothing."""
    trials = searched(a=100.0, b=100.0)
    (noted,) = trials.noted
    assert re.fullmatch(r"--find-rate: about \d+ trials, .* s; at most .* min .* s, where rates are not .*", noted)
    known = [seconds for seconds in trials.most_s if seconds is not None]
    assert len(known) == len(trials.most_s)
    assert known == sorted(known, reverse=True)
    assert known[-1] == 0.0
    assert trials.expected[-1] == len(trials.probed) + len(trials.measured)


def test_a_full_trial_lasts_so_long_that_5_percent_too_much_breaks_the_limit() -> None:
    """Else a short window would hide a backlog."""
    trials = searched(a=100.0)
    assert trials.plans["a"].duration_s >= 20 * 0.25


def test_a_rate_that_fails_in_a_later_round_is_lowered_and_its_trials_are_not_shown() -> None:
    """What is shown was measured at the confirmed rate."""

    def rate(name: str, number: int) -> float:
        """Of a trial."""
        return 100.0 if number < 3 else 92.0

    plans = [plan_of("a", load="open:10/s")]
    trials = ran(FindRate(Limit.parse("p99<250ms", "the test")), plans, rate)
    found = trials.cell("a").highest_rate
    assert found is not None
    assert found.rate_per_s is not None
    assert found.rate_per_s <= 92.0
    assert [trial.round for trial in trials.cell("a").trials] == [1, 2, 3]
    assert sum(probe.kind == "confirm" and not probe.held for probe in found.probes) >= 1


def test_where_nothing_holds_the_cell_says_so() -> None:
    """Instead of a rate."""
    trials = searched(a=0.0)
    found = trials.cell("a").highest_rate
    assert found is not None
    assert found.status == "not_found"
    assert found.rate_per_s is None
    assert found.why is not None
    assert "not even" in found.why

"""Schedules: which trials a run has, in which order, and when they end."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from harness.loads.load import parse_load
from harness.plan.floor import VIEW
from harness.plan.limit import Limit
from harness.plan.plan import AUTO_LEAST, AUTO_MOST, CellPlan, ViewPlan
from harness.results.model import Cell, HighestRate, Results, Trial
from harness.schedule.find_rate import FindRate
from harness.schedule.schedule import FixedRounds, Schedule, UntilPrecise
from tests.builders import cell_of, summarised, trial_of


class Recorded:
    """A session that measures what it is told: `rate(identity, round)` is each trial's throughput."""

    seed = 1
    results: Results

    def __init__(self, plans: list[CellPlan], rate: Callable[[str, int], float] = lambda *_: 100.0) -> None:
        self._plans = {plan.id: plan for plan in plans}
        self._rate = rate
        self._cells = {
            plan.id: msgspec.structs.replace(cell_of(), id=plan.id, views=plan.views, trials=[], status="pending")
            for plan in plans
        }
        self.measured: list[tuple[str, int]] = []
        self.probed: list[tuple[str, str, float]] = []
        self.expected: list[int] = []
        self.said: dict[str, Any] = {}

    @property
    def plans(self) -> Mapping[str, CellPlan]:
        """As the schedule left them."""
        return self._plans

    def cell(self, identity: str) -> Cell:
        """As it stands."""
        return self._cells[identity]

    async def measure(self, identity: str, round_number: int) -> Trial:
        """Notes it."""
        self.measured.append((identity, round_number))
        trial = self._trial(self._plans[identity], round_number)
        cell = self._cells[identity]
        made = summarised(cell_of(trials=[*cell.trials, trial]))
        self._cells[identity] = msgspec.structs.replace(
            cell, trials=made.trials, summary=made.summary, status="measured"
        )
        return trial

    async def probe(self, plan: CellPlan) -> Trial:
        """Notes it."""
        self.probed.append((plan.id, plan.load, plan.duration_s))
        return self._trial(plan, 0)

    def _trial(self, plan: CellPlan, round_number: int) -> Trial:
        rate = self._rate(plan.id, round_number)
        load = parse_load(plan.load, "the test").settings()
        too_much = load.get("rate_per_s", 0) > rate
        lost = {"submitted": 100, "ok": 50, "lost": 50} if too_much else {}
        return msgspec.structs.replace(
            trial_of(round_number, min(rate, load.get("rate_per_s", rate))), bottleneck="slots", **lost
        )

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """These schedules do not."""
        raise NotImplementedError

    def adopt(self, plan: CellPlan) -> None:
        """Without trials."""
        self._plans[plan.id] = plan
        cell = self._cells[plan.id]
        self._cells[plan.id] = msgspec.structs.replace(cell, trials=[], summary=None, status="pending")

    def note_rate(self, identity: str, found: HighestRate) -> None:
        """Keeps it."""
        self._cells[identity] = msgspec.structs.replace(self._cells[identity], highest_rate=found)

    def expect(self, trials: int, each_s: float) -> None:
        """Keeps it."""
        self.expected.append(trials)

    def note_run(self, **changes: object) -> None:
        """Keeps it."""
        self.said |= changes


def plan_of(name: str, rounds: int = 3, views: list[str] | None = None, load: str = "closed:8") -> CellPlan:
    """A cell to measure."""
    return CellPlan(
        id=name,
        views=views or ["view"],
        workload="sleep",
        params={},
        contender="fake",
        slots=4,
        load=load,
        rounds=rounds,
    )


def ran(schedule: Schedule, plans: list[CellPlan], rate: Callable[[str, int], float] = lambda *_: 100.0) -> Recorded:
    """What a schedule had measured."""
    trials = Recorded(plans, rate)
    asyncio.run(schedule.run(trials))
    return trials


def test_every_round_has_each_cell_once_in_an_order_of_its_own() -> None:
    """The same one for the same seed."""
    names = [f"cell {number}" for number in range(12)]
    trials = ran(FixedRounds(), [plan_of(name) for name in names])
    rounds = [[name for name, number in trials.measured if number == wanted] for wanted in (1, 2, 3)]
    assert all(sorted(one) == sorted(names) for one in rounds)
    assert rounds[0] != rounds[1]
    assert trials.measured == ran(FixedRounds(), [plan_of(name) for name in names]).measured


def test_a_cell_has_as_many_rounds_as_its_plan_says() -> None:
    """And that many trials are expected."""
    trials = ran(FixedRounds(), [plan_of("a", rounds=1), plan_of("b", rounds=4)])
    assert sorted(trials.measured) == [("a", 1), ("b", 1), ("b", 2), ("b", 3), ("b", 4)]
    assert trials.expected == [5]


def test_auto_ends_after_the_least_rounds_where_all_is_known_well_enough() -> None:
    """And says why."""
    trials = ran(UntilPrecise(), [plan_of("a"), plan_of("b")])
    assert len(trials.measured) == 2 * AUTO_LEAST
    assert trials.said["rounds"] == AUTO_LEAST
    assert "within ±3%" in trials.said["ended"]


def test_auto_goes_on_for_all_cells_while_one_is_not_known_well_enough() -> None:
    """So that rounds stay pairs."""

    def rate(name: str, number: int) -> float:
        """Of a trial."""
        return 100.0 if name == "a" else 100.0 + (10.0 if number == 2 else 0.0)

    trials = ran(UntilPrecise(), [plan_of("a"), plan_of("b")], rate)
    assert AUTO_LEAST < trials.said["rounds"] < AUTO_MOST
    assert len(trials.measured) == 2 * trials.said["rounds"]


def test_auto_ends_at_its_limit_and_names_what_is_not_known_well_enough() -> None:
    """It does end."""

    def rate(name: str, number: int) -> float:
        """Of a trial."""
        return 150.0 if number % 2 else 50.0

    trials = ran(UntilPrecise(), [plan_of("b")], rate)
    assert trials.said["rounds"] == AUTO_MOST
    assert f"the limit of {AUTO_MOST} rounds" in trials.said["ended"]


def test_auto_does_not_wait_for_the_floor() -> None:
    """It is measured for the others' sake."""

    def rate(name: str, number: int) -> float:
        """Of a trial."""
        return 150.0 if name != "a" and number % 2 else 100.0

    trials = ran(UntilPrecise(), [plan_of("a"), plan_of("floor", views=[VIEW])], rate)
    assert trials.said["rounds"] == AUTO_LEAST


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

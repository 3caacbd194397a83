"""Schedules: which trials a run has, in which order, and when they end."""

from harness.plan.floor import VIEW
from harness.plan.plan import AUTO_LEAST, AUTO_MOST
from harness.schedule.schedule import FixedRounds, UntilPrecise
from tests.harness.schedule.recorded import plan_of, ran


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


def test_trials_with_a_fault_come_last_in_lanes() -> None:
    """Others' figures would suffer from what runs beside them."""
    struck = plan_of("struck", rounds=2, load="crash:kill-app@4:burst:4")
    trials = ran(FixedRounds(), [struck, plan_of("a", rounds=2)])
    assert trials.measured == [("a", 1), ("a", 2), ("struck", 1), ("struck", 2)]
    assert (trials.lanes_begun_after, trials.expected) == (2, [4])
    assert ran(FixedRounds(), [plan_of("a")]).lanes_begun_after is None


def test_each_trial_is_expected_to_take_its_own_time() -> None:
    """Those with a fault a multiple of the others: the first ones would else seem that much too long, or too short."""
    trials = ran(FixedRounds(), [plan_of("struck", load="crash:kill-broker@4:burst:4"), plan_of("a")])
    assert trials.of_cells["struck"] > 2 * trials.of_cells["a"] > 0


def test_auto_ends_after_the_least_rounds_where_all_is_known_well_enough() -> None:
    """And says why."""
    trials = ran(UntilPrecise(), [plan_of("a"), plan_of("b")])
    assert len(trials.measured) == 2 * AUTO_LEAST
    assert trials.said["rounds"] == AUTO_LEAST
    assert "within ±3 %" in trials.said["ended"]


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


def test_auto_says_before_and_while_it_runs_what_it_may_cost() -> None:
    """From 5 to 30 rounds; how many there will be follows from the intervals so far."""

    def rate(name: str, number: int) -> float:
        """Of a trial: 5 % to either side."""
        return 105.0 if number % 2 else 95.0

    trials = ran(UntilPrecise(), [plan_of("a")], rate)
    (noted,) = trials.noted
    assert noted.startswith(f"--rounds auto: {AUTO_LEAST} to {AUTO_MOST} rounds, 1 trials each; ")
    assert trials.expected[0] == AUTO_LEAST
    assert AUTO_LEAST < trials.expected[AUTO_LEAST] < AUTO_MOST
    most_s = [seconds for seconds in trials.most_s if seconds is not None]
    assert len(most_s) == trials.said["rounds"]
    assert most_s == sorted(most_s, reverse=True)


def test_auto_does_not_wait_for_the_floor() -> None:
    """It is measured for the others' sake."""

    def rate(name: str, number: int) -> float:
        """Of a trial."""
        return 150.0 if name != "a" and number % 2 else 100.0

    trials = ran(UntilPrecise(), [plan_of("a"), plan_of("floor", views=[VIEW])], rate)
    assert trials.said["rounds"] == AUTO_LEAST

"""`--time` of `workbench decide` is a promise: whatever a request takes, and however slow the machine is."""

import math

import msgspec
import pytest

from harness.plan.cells import cells
from harness.plan.decide import ROUNDS, first_plan, pools_of
from harness.plan.decide_time import END_S, Costs, Spans
from harness.plan.plan import CellPlan
from harness.results.decision import ALONE, LOOK, RATE
from harness.results.model import Decision, Trial
from harness.statistics.intervals import BOOTS_FOR_VERDICT
from tests.builders import latency_of
from tests.harness.schedule.test_decide import ASKED, Deciding, of_view, ran

DEFAULT_S = 180.0 - END_S
LATE_MOST_S = 4.0
"""Beyond its time: a trial that is ended says so, and its workers are stopped."""


class Taking(Deciding):
    """A session whose requests take `alone_s`; its trials and starts take longer by a factor."""

    def __init__(self, alone_s: float, slower: float = 1.0, boot_s: float = 7.0) -> None:
        super().__init__(cells(first_plan(ASKED, pools_of([], None)), "here"))
        self.alone_s, self.slower, self.boot_s = alone_s, slower, boot_s
        self.ended_early = 0

    async def begin_round(self, number: int) -> None:
        """Services start afresh."""
        self.clock_s += self.boot_s
        self.begun.append(number)

    async def probe(self, plan: CellPlan) -> Trial:
        """Takes its time too."""
        return self._trial(plan, 0)

    def _trial(self, plan: CellPlan, round_number: int) -> Trial:
        begun = self.clock_s
        trial = super()._trial(plan, round_number)
        rest_s = min(plan.rest_s or math.inf, 2 * self.alone_s)
        window_s = max(plan.duration_s, min(12 * self.alone_s, plan.stretch_s or math.inf))
        own_s = self.slower * (1.0 + plan.warmup_s + rest_s + window_s + 2 * self.alone_s)
        most_s = math.inf if plan.most_s is None else plan.most_s + 2.0
        self.clock_s = begun + min(own_s, most_s)
        self.ended_early += own_s > most_s
        return msgspec.structs.replace(trial, latency_ms=latency_of(1000 * self.alone_s))


def taken(alone_s: float, limit_s: float = DEFAULT_S, **changes: float) -> tuple[Taking, Decision]:
    """A decision on a job of that time."""
    trials = Taking(alone_s, **changes)
    _, decision = ran(trials=trials, limit_s=limit_s)
    return trials, decision


@pytest.mark.parametrize("alone_s", [0.001, 0.05, 0.3, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("slower", [1.0, 1.5])
def test_the_time_holds_for_any_job(alone_s: float, slower: float) -> None:
    """With the default of three minutes; both sides are compared at the rate, or it is said why not."""
    trials, decision = taken(alone_s, slower=slower)
    assert trials.clock_s <= DEFAULT_S + LATE_MOST_S
    compared = [len(cell.trials) for cell in of_view(trials, RATE)]
    assert min(compared, default=0) >= 1 or any(text.startswith("the rate:") for text in decision.left_out)
    if slower == 1.0:
        assert compared[:2]
        assert trials.ended_early == 0


@pytest.mark.parametrize(("alone_s", "rounds"), [(0.001, 5), (0.05, 5), (0.3, 5), (1.0, 5), (5.0, 1)])
def test_a_verdict_comes_before_all_that_can_be_left_out(alone_s: float, rounds: int) -> None:
    """Further pools and the search have what the rounds leave; of very slow jobs there is one round."""
    trials, _ = taken(alone_s)
    assert [len(cell.trials) for cell in of_view(trials, RATE)] == [rounds, rounds]


def test_of_a_slow_job_only_one_pool_is_tried_and_nothing_is_searched() -> None:
    """What there was no time for is said."""
    trials, decision = taken(5.0)
    assert [len(cell.trials) for cell in of_view(trials, ALONE)] == [1, 1, 0, 0]
    assert (decision.pool, decision.pools[0].why) == (
        "celery-threads:32",
        "there was no time to compare pools in full use",
    )
    assert decision.left_out == [
        "celery-gevent:32, one request alone: no time for it",
        "celery-prefork:16, one request alone: no time for it",
        "pools in full use: no time for it",
        "the most that each can do: no time for its search",
    ]


@pytest.mark.parametrize("limit_s", [30.0, 45.0, 60.0, 90.0, 120.0])
def test_a_short_time_holds_too(limit_s: float) -> None:
    """Of a quick job: what does not fit is left out."""
    trials, decision = taken(0.02, limit_s)
    assert trials.clock_s <= limit_s + LATE_MOST_S
    assert min(len(cell.trials) for cell in of_view(trials, RATE)) >= 1
    assert any("search" in text for text in decision.left_out) or limit_s >= 90


def test_a_job_that_is_slower_than_it_was_taken_for_is_ended_in_time() -> None:
    """And what would do is said, with the least time."""
    trials, decision = taken(20.0)
    assert trials.clock_s <= DEFAULT_S + LATE_MOST_S
    assert "the rate: there was no time for it; on this job, a decision takes at least 7 min" in decision.left_out[-1]


def test_services_that_start_slowly_cost_rounds_and_no_more() -> None:
    """Each start took twenty seconds."""
    trials, _ = taken(0.05, boot_s=20.0)
    assert trials.clock_s <= DEFAULT_S + LATE_MOST_S
    assert len(trials.begun) >= 1 + BOOTS_FOR_VERDICT


def test_the_time_to_go_never_grows() -> None:
    """What is said to be left is never more than what was left before."""
    trials, _ = taken(0.3)
    left = [within for within in trials.within_s if within is not None]
    assert left == sorted(left, reverse=True)
    assert left[0] <= DEFAULT_S


def test_the_first_trials_look_at_both_sides() -> None:
    """What spoils the comparison is looked for first, however slow the job is."""
    trials, _ = taken(5.0)
    assert [trials.cell(identity).views for identity, _ in trials.measured[:2]] == [[LOOK], [LOOK]]


@pytest.mark.parametrize("alone_s", [0.001, 1.0, 8.0])
def test_the_least_time_is_that_of_both_sides_once(alone_s: float) -> None:
    """It grows with the time of a request, and the default holds for five seconds."""
    spans = Spans(alone_s)
    assert spans.least_s() > 2 * (spans.look_s() + spans.one_s() + spans.rate_s())
    assert Spans(5.0).least_s() <= 180


def test_rounds_come_before_starts_and_starts_before_long_windows() -> None:
    """As the time that is left gets shorter."""
    costs = Costs(boot_s=7.0, trial_s=5.0, window_s=2.0, trials=2, others_s=0.0)
    found = [costs.fitting(left_s, 8.0) for left_s in (200.0, 100.0, 66.0, 40.0, 20.0, 11.0, 9.0)]
    assert [(each.rounds, each.boots) for each in found] == [(5, 5), (5, 5), (5, 2), (2, 2), (1, 1), (1, 0), (0, 0)]
    assert [each.window_s for each in found[:2]] == [8.0, 3.5]
    assert found[0].rounds == ROUNDS
    assert [found[2].boots_before(done) for done in range(5)] == [True, False, False, True, False]
    assert not any(found[5].boots_before(done) for done in range(1))


def test_a_rate_far_beyond_a_slow_job_is_known_without_full_use_or_search() -> None:
    """By the CPU of one request alone, with a margin."""
    trials = Taking(5.0)
    _, decision = ran(trials=trials, limit_s=DEFAULT_S, rate_per_s=50_000.0)
    assert trials.clock_s <= DEFAULT_S + LATE_MOST_S
    assert decision.wanted_per_s == 50_000.0
    assert set(decision.beyond) == {"asyncio", "celery-threads:32"}

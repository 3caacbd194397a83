"""The schedule of `workbench decide`: its phases, what it chooses, and that it keeps to its time and its calls."""

import asyncio
import math
from collections.abc import Callable

import msgspec
import pytest

from harness.errors import ServiceError
from harness.loads.load import parse_load
from harness.plan.cells import cells
from harness.plan.decide import enough_slots, first_plan, pools_of
from harness.plan.limit import Limit
from harness.plan.plan import CellPlan, ViewPlan
from harness.results.decision import ALONE, FULL, LOOK, MOST, RATE
from harness.results.model import Cell, Decision, Look, Spoiler, Trial, Usages
from harness.schedule.decide import Decide, Wanted
from tests.builders import cell_of, latency_of, results_of, trial_of, usage_of
from tests.harness.schedule.recorded import Recorded

ASKED = ViewPlan(name="asked", workloads=["sleep"], contenders=[], loads=["closed:1"])
SERVES = {"asyncio": 2000.0, "celery-threads": 200.0, "celery-gevent": 150.0, "celery-prefork": 190.0}
"""Requests a second that each can serve."""


class Deciding(Recorded):
    """A session with a clock: each trial takes its time, each boot five seconds."""

    def __init__(self, plans: list[CellPlan], at_most: int | None = None) -> None:
        super().__init__(plans)
        self.results = results_of([])
        self.clock_s = 0.0
        self.boots: list[float] = []
        self.views: list[str] = []
        self.calls = 0
        self.cut: set[str] = set()
        self._at_most = at_most
        for identity, plan in self._plans.items():
            self._cells[identity] = _cell(plan)

    def now(self) -> float:
        """In seconds."""
        return self.clock_s

    @property
    def calls_left(self) -> int | None:
        """As the session counts."""
        return None if self._at_most is None else max(0, self._at_most - self.calls)

    async def measure(self, identity: str, round_number: int) -> Trial:
        """The summary has the latency of the trial."""
        trial = await super().measure(identity, round_number)
        cell = self._cells[identity]
        if cell.summary is not None and trial.latency_ms is not None:
            summary = msgspec.structs.replace(cell.summary, latency_ms=trial.latency_ms)
            self._cells[identity] = msgspec.structs.replace(cell, summary=summary)
        return trial

    async def begin_round(self, number: int) -> None:
        """Services start afresh."""
        self.clock_s += 5.0 if number > 1 else 0.0
        self.begun.append(number)

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """With workers of their own, where they are new."""
        made = cells(msgspec.structs.replace(first_plan(ASKED, pools_of([], None)), view=views), "here")
        self.views += [view.name for view in views]
        for plan in made:
            self._plans.setdefault(plan.id, plan)
            self._cells.setdefault(plan.id, _cell(plan))
        return made

    def _trial(self, plan: CellPlan, round_number: int) -> Trial:
        self.clock_s += plan.warmup_s + plan.duration_s + 0.4
        load = parse_load(plan.load, "the test").settings()
        asked_per_s = load.get("rate_per_s", 20.0 if plan.load == "closed:1" else 1e9)
        per_s = min(asked_per_s, SERVES[plan.contender])
        calls = int(per_s * (plan.warmup_s + plan.duration_s)) + 1
        bounds = [bound for bound in (plan.at_most, self.calls_left) if bound is not None]
        calls = min([calls, *bounds])
        self.calls += calls
        late = {"submitted": 100, "ok": 50, "lost": 50} if asked_per_s > per_s and "rate_per_s" in load else {}
        cpu = 1.0 if plan.contender == "asyncio" else 8.0
        return msgspec.structs.replace(
            trial_of(round_number, per_s, **late),
            boot=max(0, round_number - 1),
            issued=calls,
            latency_ms=latency_of(50.0 if plan.contender == "asyncio" else 60.0),
            cpu_s_per_1000=cpu,
            usage=Usages(driver=usage_of(0.1, memory_mb=500.0 if "prefork" in plan.contender else 90.0)),
            bottleneck="machine",
            look=Look(reply='"a"' if plan.contender == "asyncio" else '"b"') if plan.look else None,
        )


def _cell(plan: CellPlan) -> Cell:
    cell = cell_of(
        plan.contender,
        side="asyncio" if plan.contender == "asyncio" else "celery",
        slots=plan.slots,
        load=parse_load(plan.load, "the test").describe(),
    )
    return msgspec.structs.replace(
        cell, id=plan.id, views=plan.views, trials=[], summary=None, status="pending", ceiling_per_s=None
    )


def ran(
    at_most: int | None = None,
    seen: Callable[[Cell, Trial], list[Spoiler]] = lambda *_: [],
    trials: Deciding | None = None,
    pools: list[str] | None = None,
    **wanted: object,
) -> tuple[Deciding, Decision]:
    """A decision with everything made up but the schedule."""
    written = pools_of(pools or [], None)
    trials = trials or Deciding(cells(first_plan(ASKED, written), "here"), at_most)
    values = {"asked": ASKED, "pools": written, "limit_s": 165.0} | wanted
    schedule = Decide(Wanted(**values), Decision(job="sleep"), seen, trials.now)  # type: ignore[arg-type]
    asyncio.run(schedule.run(trials))
    return trials, trials.said["decision"]


def of_view(trials: Deciding, view: str) -> list[Cell]:
    """The cells of a view."""
    return [trials.cell(identity) for identity in trials.plans if view in trials.cell(identity).views]


def test_it_measures_all_phases_within_its_time() -> None:
    """A look, one alone, the pools, then five rounds of both sides, each with services started afresh."""
    trials, decision = ran()
    assert trials.clock_s <= 165.0
    assert trials.begun == [1, 2, 3, 4, 5, 6]
    assert [len(cell.trials) for cell in of_view(trials, LOOK)] == [1, 1]
    assert [len(cell.trials) for cell in of_view(trials, ALONE)] == [1, 1, 1, 1]
    assert [len(cell.trials) for cell in of_view(trials, FULL)] == [1, 1, 1, 1]
    assert {cell.label: len(cell.trials) for cell in of_view(trials, RATE)} == {"asyncio": 5, "celery-threads:32": 5}
    assert decision.left_out == []


def test_the_first_figure_comes_early() -> None:
    """Within seconds of the services' start."""
    trials, _ = ran()
    first, second = trials.measured[:2]
    assert first[0].startswith("look ")
    assert trials.plans[first[0]].duration_s + trials.plans[second[0]].duration_s < 5


def test_the_pool_with_the_least_memory_of_the_best_is_taken_and_the_others_are_started_no_more() -> None:
    """190/s are as good as 200/s, with five times the memory."""
    trials, decision = ran()
    assert decision.pool == "celery-threads:32"
    finished = {trials.cell(identity).label for identity in trials.finished}
    assert finished == {"celery-gevent:32", "celery-prefork:16"}


def test_rate_and_limit_follow_from_one_request_alone_unless_they_are_given() -> None:
    """30 % of two cores at 8 ms of CPU; five times the slower median."""
    _, usual = ran()
    assert (usual.rate_per_s, usual.limit) == (75.0, "p99<300ms")
    assert "one request alone" in usual.rate_from
    _, given = ran(rate_per_s=40.0, limit=Limit.parse("p99<200ms", "here"))
    assert (given.rate_per_s, given.rate_from, given.limit, given.limit_from) == (
        40.0,
        "as given",
        "p99<200ms",
        "as given",
    )


def test_the_highest_rate_is_searched_near_what_is_expected_and_confirmed_in_every_round() -> None:
    """Within a quarter of what each can serve."""
    trials, _ = ran()
    found = {cell.contender: cell.highest_rate for cell in of_view(trials, MOST)}
    for contender, search in found.items():
        assert search is not None
        assert search.status == "confirmed"
        assert search.rate_per_s is not None
        assert 0.7 * SERVES[contender] <= search.rate_per_s <= SERVES[contender]
        assert len([probe for probe in search.probes if probe.kind == "probe"]) <= 8


def test_requests_at_the_rate_that_were_late_are_counted_over_all_rounds() -> None:
    """A rate above what Celery serves: half of its requests."""
    _, decision = ran(rate_per_s=300.0)
    assert decision.late["asyncio"][0] == 0
    assert decision.late[decision.pool or ""] == (250, 500)


def test_a_slow_job_has_no_time_for_a_search() -> None:
    """Its windows would have to be many seconds long."""
    _, decision = ran(limit=Limit.parse("p99<5s", "here"))
    assert decision.left_out == ["the most that each can do: no time for its search"]


@pytest.mark.parametrize("at_most", [200, 1000, 5000, 100_000])
def test_the_calls_are_shared_and_never_exceeded(at_most: int) -> None:
    """However few they are; what takes more is left out."""
    trials, decision = ran(at_most=at_most)
    assert trials.calls <= at_most
    assert [len(cell.trials) for cell in of_view(trials, RATE)] == [5, 5]
    if at_most <= 1000:
        assert "calls than are left" in decision.left_out[0]


def test_slots_follow_a_rate_that_needs_more_of_them() -> None:
    """Little's law with room: the cores allow 750/s, of which 45 are under way; processes are fewer."""
    trials, _ = ran(rate_per_s=1000.0)
    labels = {cell.label for cell in of_view(trials, FULL)}
    assert labels == {"asyncio", "celery-threads:68", "celery-gevent:68", "celery-prefork:64"}
    fixed, _ = ran(rate_per_s=1000.0, more_slots=False)
    assert {cell.label for cell in of_view(fixed, FULL)} == {
        "asyncio",
        "celery-threads:32",
        "celery-gevent:32",
        "celery-prefork:16",
    }


def test_a_pool_has_no_more_slots_than_it_can() -> None:
    """Processes cost memory; threads and greenlets have a limit too; and what the cores do not allow needs none."""
    assert enough_slots("celery-threads", 32, 100.0, 0.06, math.inf) == 32
    assert enough_slots("celery-threads", 32, 1000.0, 0.5, math.inf) == 750
    assert enough_slots("celery-threads", 32, 1000.0, 0.5, 100.0) == 75
    assert enough_slots("celery-threads", 32, 1000.0, 5.0, math.inf) == 1000
    assert enough_slots("celery-prefork", 16, 1000.0, 0.06, math.inf) == 64
    assert enough_slots("celery-prefork", 16, None, 9.0, math.inf) == 16


def test_replies_are_compared_and_spoilers_kept_once() -> None:
    """A kind for a side, however often it is seen."""
    spoiler = Spoiler(kind="client-per-call", side="asyncio", text="t", place="a.py:1", advice="share")
    _, decision = ran(seen=lambda cell, _: [spoiler] if cell.side == "asyncio" else [])
    assert decision.spoilers == [spoiler]
    assert decision.replies == 'asyncio "a", Celery "b": each passed the check'


def test_services_that_cannot_be_started_end_the_rounds_and_nothing_else() -> None:
    """The document has all that was measured before."""

    class Refusing(Deciding):
        async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
            if views[0].name == RATE:
                raise ServiceError("the worker did not answer")
            return await super().extend(views)

    _, decision = ran(trials=Refusing(cells(first_plan(ASKED, pools_of([], None)), "here")))
    assert decision.left_out == ["the rounds: the worker did not answer"]


def test_the_remaining_time_is_reported_as_it_is() -> None:
    """Trials to go, and no more seconds than are left."""
    trials, _ = ran()
    assert trials.expected[0] > len(trials.measured) / 2
    assert trials.expected[-1] >= len(trials.measured)


def test_one_pool_alone_can_be_tried() -> None:
    """Then nothing else is started."""
    trials, decision = ran(pools=["gevent"])
    assert decision.pool == "celery-gevent:32"
    assert {cell.label for cell in of_view(trials, ALONE)} == {"asyncio", "celery-gevent:32"}

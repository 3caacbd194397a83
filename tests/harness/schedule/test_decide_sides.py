"""What `workbench decide` does where a side does not work, or cannot do the rate."""

import msgspec
import pytest

from harness.plan.cells import cells
from harness.plan.decide import first_plan, pools_of
from harness.plan.plan import CellPlan
from harness.results.cells import TASK
from harness.results.decision import FULL, MOST, RATE
from harness.results.model import Cell, Decision, Pool, Settings, Spoiler, Trial
from harness.schedule.decide_record import Record
from tests.harness.schedule.test_decide import ASKED, SERVES, Deciding, of_view, ran


class Failing(Deciding):
    """A session in which the trials of some contenders fail."""

    def __init__(self, *failing: str) -> None:
        super().__init__(cells(first_plan(ASKED, pools_of([], None)), "here"))
        self._failing = failing

    async def measure(self, identity: str, round_number: int) -> Trial:
        """Without figures, with the reason."""
        trial = await super().measure(identity, round_number)
        cell = self._cells[identity]
        if cell.contender not in self._failing:
            return trial
        self._cells[identity] = msgspec.structs.replace(cell, status="failed", reason="no", summary=None)
        return msgspec.structs.replace(trial, status="failed", error="no")


CELERY = ("celery-threads", "celery-gevent", "celery-prefork")


def test_without_celery_asyncio_is_measured_alone() -> None:
    """At a rate of its own, with its highest rate, and with the reason of the other side."""
    trials, decision = ran(trials=Failing(*CELERY))
    assert decision.pool is None
    assert decision.left_out == ["the rate: celery-threads:32 could not be measured: no"]
    assert {cell.label: len(cell.trials) for cell in of_view(trials, RATE)} == {"asyncio": 5}
    assert [cell.highest_rate is not None for cell in of_view(trials, MOST)] == [True]
    assert decision.rate_from == "30 % of what 1 core allows, by the CPU of one request alone on asyncio"
    assert decision.limit == "p99<250ms"
    assert "on the side that works" in decision.limit_from


class RateLimited(Failing):
    """No request comes through in time, because of the task's own limit."""

    def cell(self, identity: str) -> Cell:
        """With the option as its worker reports it."""
        cell = super().cell(identity)
        effective = {f"{TASK}rate_limit": "10/m"} if cell.side == "celery" else {}
        return msgspec.structs.replace(cell, settings=Settings(asked={}, effective=effective))


@pytest.mark.parametrize(("rate_per_s", "beyond"), [(20.0, {"celery-threads:32": 10 / 60}), (0.2, {})])
def test_a_rate_limit_that_lets_nothing_through_is_the_most_of_celery(
    rate_per_s: float, beyond: dict[str, float]
) -> None:
    """It is no side that does not work: asyncio is measured at the rate, and the limit is what Celery does."""
    trials, decision = ran(trials=RateLimited(*CELERY), rate_per_s=rate_per_s)
    assert decision.beyond == beyond
    assert {cell.label for cell in of_view(trials, RATE)} == {"asyncio"}


def test_without_asyncio_a_pool_is_measured_alone() -> None:
    """Likewise."""
    trials, decision = ran(trials=Failing("asyncio"))
    assert decision.pool == "celery-threads:32"
    assert decision.left_out == ["the rate: asyncio could not be measured: no"]
    assert {cell.label for cell in of_view(trials, RATE)} == {"celery-threads:32"}


def test_without_any_side_nothing_is_measured_at_a_rate() -> None:
    """With the reasons."""
    trials, decision = ran(trials=Failing("asyncio", *CELERY))
    assert of_view(trials, RATE) == []
    assert decision.left_out == ["the rate: asyncio could not be measured: no"]


def test_a_pool_that_fails_is_not_taken_and_the_next_is() -> None:
    """As threads whose client is not made for them."""
    _, decision = ran(trials=Failing("celery-threads"))
    assert decision.pool == "celery-prefork:16"


def test_a_rate_far_beyond_both_is_compared_at_a_lower_one() -> None:
    """The most of each is searched all the same."""
    trials, decision = ran(rate_per_s=100_000.0)
    assert decision.wanted_per_s == 100_000.0
    assert decision.rate_per_s is not None
    assert decision.rate_per_s < min(SERVES["asyncio"], SERVES[(decision.pool or "").partition(":")[0]])
    assert set(decision.beyond) == {"asyncio", decision.pool}
    for label, most in decision.beyond.items():
        assert SERVES[label.partition(":")[0]] <= most <= 1.6 * SERVES[label.partition(":")[0]]
    assert {cell.label: len(cell.trials) for cell in of_view(trials, RATE)} == {"asyncio": 5, decision.pool: 5}
    assert [cell.highest_rate and cell.highest_rate.status for cell in of_view(trials, MOST)] == ["confirmed"] * 2


def test_a_rate_far_beyond_one_side_is_measured_on_the_other() -> None:
    """It would only show how long the trial ran."""
    trials, decision = ran(rate_per_s=1000.0)
    assert (decision.rate_per_s, decision.wanted_per_s) == (1000.0, None)
    assert list(decision.beyond) == [decision.pool]
    assert {cell.label: len(cell.trials) for cell in of_view(trials, RATE)} == {"asyncio": 5}


@pytest.mark.parametrize("rate_per_s", [60.0, 230.0])
def test_a_rate_that_is_not_far_beyond_is_measured_on_both(rate_per_s: float) -> None:
    """Whether it is held is seen."""
    trials, decision = ran(rate_per_s=rate_per_s)
    assert decision.beyond == {}
    assert len(of_view(trials, RATE)) == 2


def test_the_search_begins_below_what_was_seen_and_passes_no_bound() -> None:
    """On asyncio that is its full use; slots ÷ the time for which a request has one bound a pool."""

    class Slow(Deciding):
        """Asyncio has a pool of its own, for 160/s, which one request alone does not show."""

        def _trial(self, plan: CellPlan, round_number: int) -> Trial:
            trial = super()._trial(plan, round_number)
            if plan.contender == "asyncio" and plan.load.startswith("closed:") and plan.load != "closed:1":
                return msgspec.structs.replace(trial, throughput_per_s=160.0)
            return trial

    trials, _ = ran(trials=Slow(cells(first_plan(ASKED, pools_of([], None)), "here")))
    (search,) = (cell.highest_rate for cell in of_view(trials, MOST) if cell.contender == "asyncio")
    assert search is not None
    assert search.probes[0].rate_per_s == 96.0
    assert search.probes[0].held
    full = [cell for cell in of_view(trials, FULL) if cell.contender == "asyncio"]
    assert [cell.load.text for cell in full] == ["closed:32"]


def test_what_a_pool_shows_that_is_not_taken_spoils_nothing() -> None:
    """Its connections are not those of the pool on the card; nor are those of one that there was no time to compare."""

    def seen(cell: Cell, _: Trial) -> list[Spoiler]:
        kinds = {"celery-gevent": ["celery-connection"], "celery-threads": ["retries"]}.get(cell.contender, [])
        return [Spoiler(kind=kind, side="celery", text=cell.label, advice="mend it") for kind in kinds]

    _, decision = ran(seen=seen)
    assert [(spoiler.kind, spoiler.text) for spoiler in decision.spoilers] == [("retries", "celery-threads:32")]
    gevent, threads = (Spoiler(kind="k", side="celery", text=text, advice="a") for text in ("gevent", "threads"))
    record = Record(Failing(), Decision(job="job"))
    record.add_spoilers("celery-gevent", [gevent])
    record.choose([Pool(contender="celery-threads:4", taken=True, why="the only one that was tried")])
    assert record.decision.spoilers == []
    record.add_spoilers("celery-threads", [threads])
    assert record.decision.spoilers == [threads]


class Flaky(Deciding):
    """Every tenth request fails, on these sides."""

    def __init__(self, *sides: str) -> None:
        super().__init__(cells(first_plan(ASKED, pools_of([], None)), "here"))
        self._sides = sides

    def _trial(self, plan: CellPlan, round_number: int) -> Trial:
        trial = super()._trial(plan, round_number)
        side = "asyncio" if plan.contender == "asyncio" else "celery"
        if side not in self._sides or trial.lost:
            return trial
        return msgspec.structs.replace(trial, failed=10, ok=trial.ok - 10)


def test_a_job_that_fails_by_itself_is_compared_all_the_same() -> None:
    """A tenth of its requests fails without any load, on both sides: that says nothing of a pool, nor of a rate."""
    trials, decision = ran(trials=Flaky("asyncio", "celery"))
    assert decision.failing == pytest.approx(0.1)
    assert decision.pool == "celery-threads:32"
    assert all(late == 0 for late, _ in decision.late.values())
    assert [cell.highest_rate and cell.highest_rate.status for cell in of_view(trials, MOST)] == ["confirmed"] * 2


def test_failures_of_one_side_alone_are_its_own() -> None:
    """The job does not fail there by itself."""
    _, decision = ran(trials=Flaky("celery"))
    assert (decision.failing, decision.pool) == (0.0, None)
    assert "requests were not answered well" in decision.left_out[0]

"""The advice: tables of figures, and the sentences that follow from them by the rules."""

import msgspec
import pytest

from harness.report.card.rules import RULES, advice
from harness.results.model import Cell, Doubt, Machine, Results, Spoiler, Usages
from harness.statistics.deciding.figures import figures_of
from tests.builders import usage_of
from tests.harness.report.card.decided import POOL, decided, side_of


def advised(results: Results) -> list[str]:
    """The three sentences."""
    figures = figures_of(results)
    assert figures is not None
    return advice(figures)


def costing(asyncio_cpu: float, celery_cpu: float, asyncio_ms: float = 53.0, celery_ms: float = 66.0) -> list[Cell]:
    """Both sides with that CPU a 1,000 requests."""
    return [*side_of("asyncio", asyncio_ms, asyncio_cpu, 26.0), *side_of("celery", celery_ms, celery_cpu, 95.0)]


def test_both_hold_and_less_than_a_core_is_between_them() -> None:
    """Who is quicker, what it costs, and that durability decides."""
    speed, cost, advise = advised(decided())
    assert speed.startswith(
        "At 60/s both hold p99<300ms, and asyncio is quicker: p99 159 ms on asyncio, 199 ms on Celery"
    )
    costs = "asyncio 0.078 cores and 26.0 MB, celery-threads:32 0.48 cores and 95.0 MB"
    assert cost == f"asyncio takes fewer cores at that rate: {costs}."
    assert advise.startswith("Both do at this rate, and no difference as large as a core is known: choose by")


def test_a_whole_core_decides() -> None:
    """By the interval's lower end: 20 ms of CPU a request at 60/s are 1.2 cores."""
    assert advised(decided(costing(1.0, 21.0)))[2].startswith("Take asyncio, which saves a whole core")
    assert advised(decided(costing(21.0, 1.0)))[2] == f"Take {POOL}, which saves a whole core at this rate."
    assert advised(decided(costing(1.0, 17.0)))[2].startswith("Both do at this rate")


def test_where_intervals_do_not_separate_the_sides_durability_decides() -> None:
    """Equal figures on both sides."""
    speed, cost, advise = advised(decided(costing(8.0, 8.0, 60.0, 60.0)))
    assert "their latencies are not separated" in speed
    assert cost.startswith("Their CPU is not separated")
    assert advise.startswith("Choose by durability and operations instead of speed")


def test_celery_may_be_the_quicker_and_cheaper_side() -> None:
    """Nothing is decided by the name of a side."""
    speed, cost, _ = advised(decided(costing(8.0, 1.3, 66.0, 53.0)))
    assert "and Celery is quicker" in speed
    assert cost.startswith("Celery takes fewer cores")


def test_the_side_that_alone_holds_the_rate_is_taken() -> None:
    """The other one's reason is said."""
    speed, _, advise = advised(decided(searched=False, late={"asyncio": (60, 500), POOL: (0, 500)}))
    late = "60 of 500 requests were later, or not answered well"
    assert speed == f"At 60/s only celery-threads:32 holds p99<300ms; asyncio: {late}."
    assert advise == "Take celery-threads:32: the other side does not hold this rate here."


def test_a_rate_that_is_not_sustained_is_not_held() -> None:
    """Whatever the latencies of what was served: at a utilisation of 1 no queue is stable."""
    cells = costing(1.3, 8.0)
    grows = Doubt(kind="unsustainable", text="the backlog grew", advice="lower the rate")
    trials = [msgspec.structs.replace(trial, doubts=[grows]) for trial in cells[3].trials]
    cells[3] = msgspec.structs.replace(cells[3], trials=trials)
    speed, _, advise = advised(decided(cells, searched=False))
    grew = "the backlog grew in 5 of 5 trials"
    assert speed == f"At 60/s only asyncio holds p99<300ms; celery-threads:32: {grew}."
    assert advise.startswith("Take asyncio:")


def test_one_trial_whose_backlog_grew_leaves_it_undecided() -> None:
    """Others on the machine may be the reason."""
    cells = costing(1.3, 8.0)
    grows = Doubt(kind="unsustainable", text="the backlog grew", advice="lower the rate")
    first, *others = cells[3].trials
    cells[3] = msgspec.structs.replace(cells[3], trials=[msgspec.structs.replace(first, doubts=[grows]), *others])
    assert advised(decided(cells))[0].startswith("At 60/s it is undecided whether p99<300ms is held")


def test_a_load_that_was_not_seen_at_rest_decides_nothing() -> None:
    """At a low rate, few requests come in a window; that no backlog was seen is no backlog."""
    cells = costing(1.3, 8.0)
    restless = Doubt(kind="not-stationary", text="too early", advice="measure longer")
    trials = [msgspec.structs.replace(trial, doubts=[restless]) for trial in cells[3].trials]
    cells[3] = msgspec.structs.replace(cells[3], trials=trials)
    speed = advised(decided(cells))[0]
    assert speed.startswith(
        "At 60/s it is undecided whether p99<300ms is held: celery-threads:32: the load was not seen"
    )
    assert "in 5 of 5 trials" in speed


def test_a_load_that_was_not_seen_at_rest_holds_a_limit_that_it_was_nowhere_near() -> None:
    """Its slowest reply took 120 ms of 300: a queue that grows is seen by its backlog, which did not."""
    cells = costing(1.3, 8.0, 20.0, 30.0)
    restless = Doubt(kind="not-stationary", text="too early", advice="measure longer")
    for side in (0, 3):
        trials = [msgspec.structs.replace(trial, doubts=[restless]) for trial in cells[side].trials]
        cells[side] = msgspec.structs.replace(cells[side], trials=trials)
    assert advised(decided(cells))[0].startswith("At 60/s both hold p99<300ms")


@pytest.mark.parametrize(("served", "holds"), [(30.0, "no"), (57.0, "undecided")])
def test_a_single_trial_decides_only_where_far_less_was_served(served: float, holds: str) -> None:
    """Of 60/s."""
    cells = costing(1.3, 8.0)
    grows = Doubt(kind="unsustainable", text="the backlog grew", advice="lower the rate")
    trial = msgspec.structs.replace(cells[3].trials[0], doubts=[grows], sustained_per_s=served)
    cells[3] = msgspec.structs.replace(cells[3], trials=[trial])
    found = figures_of(decided(cells, searched=False))
    assert found is not None
    assert found.celery is not None
    assert found.celery.holds == holds


def test_neither_is_taken_where_neither_holds_the_rate() -> None:
    """With both reasons."""
    speed, _, advise = advised(decided(searched=False, late={"asyncio": (60, 500), POOL: (90, 500)}))
    assert speed.startswith("At 60/s neither side holds p99<300ms: asyncio: 60 of 500")
    assert advise.startswith("Take neither as it is")


def test_a_few_late_requests_leave_it_undecided() -> None:
    """Which is not the same as a limit that was not held."""
    speed, _, advise = advised(decided(late={"asyncio": (0, 50), POOL: (1, 50)}))
    assert speed.startswith("At 60/s it is undecided whether p99<300ms is held: celery-threads:32: 1 of 50")
    assert not advise.startswith("Take celery")


def test_a_side_of_which_it_is_undecided_is_not_taken_because_the_other_fails() -> None:
    """Undecided is not yes."""
    speed, _, advise = advised(decided(searched=False, late={"asyncio": (60, 500), POOL: (1, 50)}))
    assert speed.startswith("At 60/s one side fails p99<300ms, and of the other it is undecided; asyncio: 60 of 500")
    assert advise == f"Decide again with more time (--time): whether {POOL} holds this rate is undecided."


def test_too_few_rounds_give_no_advice() -> None:
    """Two rounds have wide intervals, and no verdict."""
    cells = [*side_of("asyncio", 53.0, 1.0, 26.0, rounds=2), *side_of("celery", 66.0, 21.0, 95.0, rounds=2)]
    speed, cost, advise = advised(decided(cells))
    assert "which is quicker is not said after 2 rounds" in speed
    assert cost.startswith("So far, and without a verdict")
    assert advise.startswith("No advice yet")


def test_a_blocked_event_loop_comes_before_all_other_advice() -> None:
    """Even where asyncio saves a core."""
    spoiler = Spoiler(kind="loop-blocked", side="asyncio", text="held", place="shop/client.py:9", advice="a thread")
    assert advised(decided(costing(1.0, 21.0), spoilers=[spoiler]))[2].startswith(
        "Mend loop-blocked at shop/client.py:9"
    )


def test_a_machine_that_others_used_gives_no_advice_on_the_job() -> None:
    """Whatever its figures say; a little of it is a doubt alone."""
    for others_s, advised_so in ((0.4, True), (0.3, False)):
        cells = costing(1.0, 21.0)
        machine = Machine(seconds=1.0, cpus=2, others_cpu_s=2 * others_s, steal_s=0.0)
        trials = [msgspec.structs.replace(trial, machine=machine) for trial in cells[3].trials]
        cells[3] = msgspec.structs.replace(cells[3], trials=trials)
        assert (
            advised(decided(cells))[2].startswith("Decide again on a quiet machine: others used 40 %")
        ) is advised_so


def test_on_a_machine_that_others_used_the_source_must_show_what_blocks() -> None:
    """An event loop that stands still there may wait for them."""
    machine = Machine(seconds=1.0, cpus=2, others_cpu_s=1.5, steal_s=0.0)
    blocked = Spoiler(kind="loop-blocked", side="asyncio", text="held", place="shop/client.py:9", advice="a thread")
    call = Spoiler(kind="blocking-call", side="asyncio", text="requests.get", place="shop/client.py:9", advice="await")
    for spoilers, begins in (([blocked], "Decide again on a quiet"), ([call, blocked], "Mend loop-blocked")):
        cells = costing(1.0, 21.0)
        trials = [msgspec.structs.replace(trial, machine=machine) for trial in cells[0].trials]
        cells[0] = msgspec.structs.replace(cells[0], trials=trials)
        assert advised(decided(cells, spoilers=spoilers))[2].startswith(begins)


def test_a_job_that_computes_is_advised_on_although_it_holds_the_event_loop() -> None:
    """That is asyncio as it is for such a job: its CPU is used while the loop is held."""
    spoiler = Spoiler(kind="loop-blocked", side="asyncio", text="held", place="shop/client.py:9", advice="a process")
    cells = costing(1.0, 21.0)
    for cpu, mended in ((0.30, False), (0.02, True)):
        usage = Usages(driver=usage_of(cpu))
        trials = [msgspec.structs.replace(trial, usage=usage, loop_busy=0.32) for trial in cells[0].trials]
        made = [msgspec.structs.replace(cells[0], trials=trials), *cells[1:]]
        assert advised(decided(made, spoilers=[spoiler]))[2].startswith("Mend loop-blocked") is mended


def test_what_the_source_alone_shows_does_not_spoil_the_figures() -> None:
    """A sleep in a branch that is never taken blocks nothing."""
    spoiler = Spoiler(kind="sleep-in-coroutine", side="asyncio", text="sleeps", place="a.py:1", advice="await")
    assert advised(decided(costing(1.0, 21.0), spoilers=[spoiler]))[2].startswith("Take asyncio")


def test_without_a_pool_there_is_no_advice_but_the_reason() -> None:
    """As where no worker started."""
    results = decided(costing(1.3, 8.0)[:3], pools=[], left_out=["the rate: a side could not be measured"])
    assert advised(results) == ["No advice: the sides were not compared at a rate (a side could not be measured)."]


@pytest.mark.parametrize("group", ["speed", "cost", "advice"])
def test_each_group_has_a_rule_that_always_applies(group: str) -> None:
    """The last one; and each rule has a name of its own within its group."""
    rules = [rule for rule in RULES if rule.group == group]
    assert rules[-1].when.startswith("else")
    assert len({rule.name for rule in rules}) == len(rules)

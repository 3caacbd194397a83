"""The schedule of `workbench size`: what it proposes, and that verifying tells a right proposal from a wrong one."""

import asyncio

import msgspec
import pytest

from harness.errors import ServiceError
from harness.loads.load import parse_load
from harness.plan.cells import cells
from harness.plan.floor import with_floor
from harness.plan.plan import CellPlan, ViewPlan
from harness.plan.size import size_plan
from harness.recording.hdr import Histogram
from harness.results.model import Cell, Side, Sizing, Trial, Usages, Verified
from harness.results.sizing import ALONE
from harness.schedule.size import Size, services_s
from harness.session.document import succeeded
from harness.statistics.sizing.verifying import SLOTS_MOST
from tests.builders import cell_of, latency_of, results_of, stages_of, trial_of, usage_of
from tests.harness.schedule.recorded import Recorded
from tests.harness.statistics.sizing.queueing import seen

ASKED = ViewPlan(name="asked", workloads=["sleep"], contenders=[], loads=["closed:1"])
PLAN = size_plan(ASKED, ["celery-threads:32"])


class Sized(Recorded):
    """A machine on which a request takes a slot for 50 ms while it is measured, and for `really_s` afterwards."""

    def __init__(
        self, really_s: float = 0.05, *, busy: float = 0.3, slots_matter: float = 1.0, paused_in: int = 0
    ) -> None:
        """`busy`: the machine, with all slots; `slots_matter`: the power of the slots by which it is busy.

        `paused_in`: so many of the last trials see the machine pause.
        """
        super().__init__(with_floor(PLAN, cells(PLAN, "here")))
        self.results = results_of([])
        self._really_s = really_s
        self._busy, self._slots_matter = busy, slots_matter
        self._paused_in = paused_in
        for identity, plan in self._plans.items():
            self._cells[identity] = _cell(plan)

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """With cells of their own."""
        made = cells(msgspec.structs.replace(PLAN, view=views), "here")
        for plan in made:
            self._plans[plan.id], self._cells[plan.id] = plan, _cell(plan)
        return made

    async def measure(self, identity: str, round_number: int) -> Trial:
        """Keeps the histograms of the trial."""
        self.measured.append((identity, round_number))
        trial = self._trial(self._plans[identity], round_number)
        self._cells[identity] = msgspec.structs.replace(self._cells[identity], trials=[trial], status="measured")
        return trial

    def _trial(self, plan: CellPlan, round_number: int) -> Trial:
        load = parse_load(plan.load, "the test").settings()
        slots, asked_per_s = plan.slots or 32, load.get("rate_per_s")
        taken_s = 0.05 if asked_per_s is None else self._really_s
        busy = self._busy * (slots / 32) ** self._slots_matter
        if asked_per_s is None and busy > 0.6:
            taken_s *= 1.3
        served = slots / taken_s if asked_per_s is None else min(asked_per_s, slots / taken_s)
        pauses, self._paused_in = self._paused_in > 0, self._paused_in - (asked_per_s is not None)
        pause_s = 1.0 if asked_per_s is not None and pauses else 0.0
        executing = Histogram()
        executing.record(50_000, 100)
        usage = usage_of(0.1)
        return trial_of(
            round_number,
            served,
            bottleneck="slots",
            busy={"slots": 1.0, "machine": busy},
            timeline=seen(slots, taken_s, asked_per_s or served, 10.0, pause_s=pause_s),
            latency_ms=latency_of(52.0),
            stages_ms=stages_of(50.0),
            histograms={"execution": executing.encode()},
            usage=Usages(driver=usage, workers=usage, broker=usage)
            if plan.contender != "asyncio"
            else Usages(driver=usage),
        )


def _cell(plan: CellPlan) -> Cell:
    side: Side = "asyncio" if plan.contender == "asyncio" else "celery"
    load = parse_load(plan.load, "the test").describe()
    changes = {"id": plan.id, "views": plan.views, "status": "pending", "trials": []}
    return msgspec.structs.replace(cell_of(plan.contender, side=side, slots=plan.slots, load=load), **changes)


def verified(should_hold: bool, held: bool | None) -> Verified:
    """Of a row."""
    return Verified(
        contender="c", rate_per_s=1.0, should_hold=should_hold, held=held, why="", served_per_s=None, p99_ms=None
    )


def sized(session: Sized, **asked: object) -> Sizing:
    """What it has found."""
    sizing = msgspec.structs.replace(Sizing(job="sleep", rate_per_s=2000, utilisation=0.7), **asked)
    asyncio.run(Size(ASKED, sizing).run(session))
    found = session.said["sizing"]
    assert isinstance(found, Sizing)
    return found


def test_it_measures_each_row_once_and_proposes_for_each_contender() -> None:
    """2,000/s of 50 ms at 70 %: 143 slots; nothing is verified that was not asked for."""
    session = Sized()
    found = sized(session)
    assert [each.contender for each in found.proposals] == ["asyncio", "celery-threads"]
    assert [each.slots for each in found.proposals] == [143, 143]
    assert sorted(session.measured) == sorted((identity, 1) for identity in session.plans)
    assert not found.verified
    assert not found.left_out


def test_a_right_proposal_keeps_up_and_a_slot_fewer_does_not() -> None:
    """With as many slots as a trial can tell apart."""
    found = sized(Sized(), asked_to_verify=True)
    assert [(each.contender.partition(":")[2], each.held) for each in found.verified] == [
        (str(SLOTS_MOST), True),
        (str(SLOTS_MOST - 1), False),
    ]
    assert found.verdict == "right"


@pytest.mark.parametrize("really_s", [0.04, 0.06])
def test_a_wrong_proposal_is_called_wrong_whether_it_promised_too_much_or_too_little(really_s: float) -> None:
    """And the exit status is that of a failed gate."""
    found = sized(Sized(really_s), asked_to_verify=True)
    assert found.verdict == "wrong"
    results = results_of()
    assert succeeded(results)
    assert not succeeded(msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, sizing=found)))


def test_a_trial_that_does_not_tell_is_run_again() -> None:
    """As where the machine paused late in its window; where none of three tells, nothing is proved."""
    found = sized(Sized(paused_in=1), asked_to_verify=True)
    assert (found.verdict, [each.tries for each in found.verified]) == ("right", [2, 1])
    found = sized(Sized(paused_in=3), asked_to_verify=True)
    assert (found.verdict, [(each.tries, each.held) for each in found.verified]) == (
        "undecided",
        [(3, None), (1, False)],
    )


def test_what_failed_proves_nothing() -> None:
    """A slot fewer that could not be measured has not shown that it is too few."""
    assert (
        msgspec.structs.replace(
            Sizing(job="sleep", rate_per_s=1, utilisation=0.7), verified=[verified(True, True), verified(False, None)]
        ).verdict
        == "undecided"
    )


def test_a_pool_that_uses_up_the_machine_is_measured_with_fewer_slots() -> None:
    """Else the time for which its requests wait for a core would be taken for that of a slot."""
    session = Sized(busy=0.9)
    found = sized(session, asked_to_verify=True)
    assert [each.slot_ms for each in found.proposals if each.contender != "asyncio"] == [pytest.approx(50.0, rel=0.01)]
    assert "celery-threads:21" in {f"{plan.contender}:{plan.slots}" for plan in session.plans.values()}
    assert found.verdict == "right"


def test_slots_get_fewer_until_nothing_but_them_is_used_up() -> None:
    """One step was not enough; a step that fails is the last, and said once."""
    session = Sized(busy=0.9, slots_matter=0.5)
    sized(session)
    steps = [plan.slots for plan in session.plans.values() if plan.contender != "asyncio" and plan.slots]
    assert {slots for slots in steps if 1 < slots < 32} == {21, 17, 15}

    class Failing(Sized):
        async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
            """The broker has gone."""
            raise ServiceError("no broker")

    assert sized(Failing(busy=0.9)).left_out == ["with fewer slots: no broker"]


def test_a_contender_that_was_not_measured_has_no_proposal_and_a_reason() -> None:
    """The others have theirs."""
    session = Sized()
    (identity,) = [plan.id for plan in session.plans.values() if plan.contender != "asyncio" and ALONE in plan.views]
    session._cells[identity] = msgspec.structs.replace(session.cell(identity), status="skipped", reason="no broker")
    found = sized(session)
    assert [each.contender for each in found.proposals] == ["asyncio"]
    assert found.left_out == ["celery-threads:32: no broker"]


def test_where_requests_held_each_other_up_the_times_of_those_alone_are_taken() -> None:
    """Else those among many, which are more."""

    def executing(*times_us: int) -> Cell:
        histogram = Histogram()
        for time_us in times_us:
            histogram.record(time_us, 1)
        return cell_of(trials=[trial_of(histograms={"execution": histogram.encode()})])

    alone, among = (
        services_s(executing(1000), executing(2000, 2000)),
        services_s(executing(1000), executing(1010, 1020)),
    )
    assert alone[0] == pytest.approx([0.001], rel=1e-3)
    assert among[0] == pytest.approx([0.00101, 0.00102], rel=1e-3)
    assert (alone[1], among[1]) == (True, False)

"""A run from its plan to its document, on fork servers that drive `fake` in this process."""

import asyncio
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from harness.driver.messages import TrialSpec
from harness.errors import ServiceError, UsageError
from harness.plan.plan import Plan, ViewPlan
from harness.results import store
from harness.results.model import Results
from harness.results.store import Store
from harness.schedule import repeats
from harness.schedule.schedule import Schedule, Trials
from harness.session import drivers
from harness.session.session import Session
from harness.session.trials import NO_CALLS_LEFT
from tests.harness.session.doubles import Reported, options_of
from tests.harness.session.driver_doubles import Driving

CELL = "sleep/fake:4/closed:8"


class ForkServerDouble:
    """Drives each trial in this process; keeps what was forked."""

    forked: ClassVar[list[TrialSpec]]
    stopped: ClassVar[int]

    def __init__(self, modules: list[str], log: Path | None = None, env: dict[str, str] | None = None) -> None:
        pass

    async def start(self) -> None:
        """Nothing to start."""

    async def fork(self, spec: TrialSpec) -> Driving:
        """Keep it."""
        type(self).forked.append(spec)
        return Driving(spec)

    async def stop(self, grace_s: float) -> None:
        """Count it."""
        type(self).stopped += 1


@pytest.fixture(autouse=True)
def fork_servers(monkeypatch: pytest.MonkeyPatch) -> type[ForkServerDouble]:
    """Those of a run."""

    class Own(ForkServerDouble):
        forked: ClassVar[list[TrialSpec]] = []
        stopped = 0

    monkeypatch.setattr(drivers, "ForkServer", Own)
    return Own


class Ran:
    """A session that was run in a folder, and how it ended."""

    def __init__(self, folder: Path, schedule: Schedule | None = None, rounds: int = 2, **options: Any) -> None:
        view = ViewPlan(name="view", workloads=["sleep"], contenders=["fake:4"], loads=["closed:8"], floor=False)
        plan = Plan(name="test", rounds=rounds, duration="1s", warmup="0.1s", view=[view])
        self.progress = Reported()
        self.session = Session(plan, options_of(**options), Store(folder), self.progress, schedule)
        self.error: BaseException | None = None
        try:
            asyncio.run(self.session.run())
        except BaseException as error:  # noqa: BLE001 - the tests look at what it is
            self.error = error

    @property
    def results(self) -> Results:
        """They are there."""
        assert self.session.results is not None
        return self.session.results


class Doing:
    """A schedule that runs one trial, then does something else."""

    def __init__(self, then: BaseException | None = None) -> None:
        self.then = then
        self.trials: Trials | None = None

    async def run(self, trials: Trials) -> None:
        """One trial."""
        self.trials = trials
        await trials.measure(CELL, 1)
        if self.then is not None:
            raise self.then


def test_a_run_measures_its_cells_in_rounds_and_saves_its_document(
    tmp_path: Path, fork_servers: type[ForkServerDouble]
) -> None:
    """Each trial in a driver of its own, with a seed of its own; the document is what is in the folder."""
    ran = Ran(tmp_path / "run", seed=40)
    assert ran.error is None
    (cell,) = ran.results.cells
    assert [(trial.round, trial.order, trial.status) for trial in cell.trials] == [
        (1, 0, "measured"),
        (2, 1, "measured"),
    ]
    assert [spec.seed for spec in fork_servers.forked] == [41, 42]
    assert ran.results.run.status == "done"
    assert store.read(tmp_path / "run") == ran.results
    assert ran.progress.trials == [(CELL, 1, "measured"), (CELL, 2, "measured")]
    assert (ran.progress.over, fork_servers.stopped) == (1, 1)


def test_services_are_started_afresh_every_two_rounds(tmp_path: Path, fork_servers: type[ForkServerDouble]) -> None:
    """Each trial says with which start of them it ran, and the document how many there were."""
    ran = Ran(tmp_path / "run", rounds=5)
    (cell,) = ran.results.cells
    assert [trial.boot for trial in cell.trials] == [0, 0, 1, 1, 2]
    assert (ran.results.run.boots, ran.results.run.kept) == (3, [])
    assert fork_servers.stopped == 3


def test_a_disturbed_trial_is_kept_and_measured_again_in_its_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are in the document; the second one counts."""
    monkeypatch.setattr(repeats, "disturbance", lambda trial: "others used it" if trial.order == 0 else None)
    ran = Ran(tmp_path / "run", repeats=2)
    assert ran.error is None
    (cell,) = ran.results.cells
    assert [(trial.round, trial.order, trial.status) for trial in cell.trials] == [
        (1, 0, "disturbed"),
        (1, 1, "measured"),
        (2, 2, "measured"),
    ]
    assert cell.summary is not None
    assert cell.summary.trials == 2
    assert ran.progress.trials == [(CELL, 1, "disturbed"), (CELL, 1, "measured"), (CELL, 2, "measured")]


def test_the_document_is_saved_after_each_trial(tmp_path: Path) -> None:
    """So that nothing measured is lost, whatever comes next."""
    saved: list[int] = []

    class Looking(Doing):
        async def run(self, trials: Trials) -> None:
            """One trial, then a look into the folder."""
            await super().run(trials)
            saved.append(len(store.read(tmp_path / "run").cells[0].trials))

    Ran(tmp_path / "run", Looking())
    assert saved == [1]


@pytest.mark.parametrize(
    ("error", "status"), [(asyncio.CancelledError(), "interrupted"), (ServiceError("the broker has gone"), "failed")]
)
def test_a_run_that_does_not_come_to_its_end_keeps_what_was_measured(
    tmp_path: Path, error: BaseException, status: str, fork_servers: type[ForkServerDouble]
) -> None:
    """Services are stopped, the document says how it ended, the error goes on."""
    ran = Ran(tmp_path / "run", Doing(error))
    assert type(ran.error) is type(error)
    read = store.read(tmp_path / "run")
    assert (read.run.status, len(read.cells[0].trials)) == (status, 1)
    assert (ran.progress.over, fork_servers.stopped) == (1, 1)


def test_a_run_whose_services_do_not_start_has_no_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fork_servers: type[ForkServerDouble]
) -> None:
    """There is nothing to show; what did start is stopped."""

    async def fails(self: ForkServerDouble) -> None:
        raise ServiceError("it did not start")

    monkeypatch.setattr(fork_servers, "start", fails)
    ran = Ran(tmp_path / "run")
    assert isinstance(ran.error, ExceptionGroup)
    assert ran.session.results is None
    assert not (tmp_path / "run" / store.DOCUMENT).exists()
    assert (ran.progress.over, fork_servers.stopped) == (1, 1)


def test_a_folder_with_another_runs_document_is_left_as_it_is(tmp_path: Path) -> None:
    """Nothing is started for it either."""
    Ran(tmp_path / "run")
    before = (tmp_path / "run" / store.DOCUMENT).read_bytes()
    again = Ran(tmp_path / "run")
    assert isinstance(again.error, UsageError)
    assert again.session.results is None
    assert (tmp_path / "run" / store.DOCUMENT).read_bytes() == before


def test_a_probe_is_reported_and_is_no_part_of_the_results(
    tmp_path: Path, fork_servers: type[ForkServerDouble]
) -> None:
    """It may be under another load, and for another time."""

    class Probing(Doing):
        async def run(self, trials: Trials) -> None:
            """One of a second and a half."""
            plan = trials.plans[CELL]
            trial = await trials.probe(msgspec.structs.replace(plan, load="closed:2", duration_s=1.5))
            assert trial.status == "measured"

    ran = Ran(tmp_path / "run", Probing())
    assert ran.error is None
    assert (fork_servers.forked[0].load, fork_servers.forked[0].duration_s) == ("closed:2", 1.5)
    assert ran.results.cells[0].trials == []
    assert ran.progress.trials == [(CELL, 0, "measured")]


def test_a_view_that_is_added_brings_its_cells_into_the_results(tmp_path: Path) -> None:
    """Those that were known are not measured anew, but belong to it as well."""

    class Extending(Doing):
        async def run(self, trials: Trials) -> None:
            """A cell that is there, and another."""
            await super().run(trials)
            view = ViewPlan(
                name="added", workloads=["sleep"], contenders=["fake:4", "fake:2"], loads=["closed:8"], floor=False
            )
            for plan in await trials.extend([view]):
                await trials.measure(plan.id, 2)

    ran = Ran(tmp_path / "run", Extending())
    assert ran.error is None
    seen = {cell.id: (cell.views, [trial.round for trial in cell.trials]) for cell in ran.results.cells}
    assert seen == {CELL: (["view", "added"], [1, 2]), "sleep/fake:2/closed:8": (["added"], [2])}


def test_whatever_goes_wrong_in_a_trial_it_fails_and_the_others_are_measured(
    tmp_path: Path, fork_servers: type[ForkServerDouble], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the type of an exception that nobody expected."""
    fork = fork_servers.fork

    async def fails_once(self: ForkServerDouble, spec: TrialSpec) -> Driving:
        if not type(self).forked:
            type(self).forked.append(spec)
            raise KeyError("slots")
        return await fork(self, spec)

    monkeypatch.setattr(fork_servers, "fork", fails_once)
    ran = Ran(tmp_path / "run")
    assert ran.error is None
    (cell,) = ran.results.cells
    assert [(trial.status, trial.error) for trial in cell.trials] == [
        ("failed", "KeyError: 'slots'"),
        ("measured", None),
    ]


def test_a_run_calls_the_work_no_more_often_than_it_may(tmp_path: Path, fork_servers: type[ForkServerDouble]) -> None:
    """Its trials together, whatever their loads bring; those for which no calls are left fail and say so."""
    ran = Ran(tmp_path / "run", rounds=4, at_most=250)
    trials = ran.results.cells[0].trials
    issued = [trial.issued or 0 for trial in trials]
    assert issued[0] > 0
    assert sum(issued) <= 250
    assert trials[-1].status == "failed"
    assert trials[-1].error == NO_CALLS_LEFT
    assert [spec.at_most for spec in fork_servers.forked] == [
        250,
        *(250 - sum(issued[:n]) for n in range(1, len(fork_servers.forked))),
    ]


def test_a_trial_may_have_fewer_calls_than_are_left(tmp_path: Path, fork_servers: type[ForkServerDouble]) -> None:
    """As its schedule says; what it sends is taken off."""

    class Sharing(Doing):
        async def run(self, trials: Trials) -> None:
            """A trial of 30 calls."""
            trials.allow(CELL, at_most=30)
            await trials.measure(CELL, 1)
            assert trials.calls_left == 1000 - 30

    ran = Ran(tmp_path / "run", Sharing(), at_most=1000)
    assert fork_servers.forked[0].at_most == 30
    assert ran.error is None

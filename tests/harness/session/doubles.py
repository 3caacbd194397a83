"""Doubles of what a session runs on, each of one contract: workers, brokers, progress; and the values of a run."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from harness.contenders.contender import WorkersPlace
from harness.driver.messages import Recording
from harness.machine.usage import Reading
from harness.plan.plan import CellPlan, Plan
from harness.progress.progress import Progress, Quiet
from harness.recording.executed import Executed
from harness.results.model import BrokerDescription, Cell, Trial, Worker
from harness.results.store import Store
from harness.services.brokers.broker import BrokerPlace, Left, Observed, broker_url
from harness.services.causes import Peer
from harness.session.cells import RunCells
from harness.session.options import Options
from harness.session.setup import RunSetup
from tests.builders import trial_of


def options_of(**changes: Any) -> Options:
    """Options of a run on services of its own."""
    values: dict[str, Any] = {"seed": 1, "timeout_s": 30.0, "command": "workbench run"}
    return Options(**(values | changes))


def plan_of(identity: str = "a", **changes: Any) -> CellPlan:
    """A cell: sleep of 50 ms on 4 slots of `fake`, closed:8."""
    values: dict[str, Any] = {
        "id": identity,
        "views": ["view"],
        "workload": "sleep",
        "params": {},
        "contender": "fake",
        "slots": 4,
        "load": "closed:8",
    }
    return CellPlan(**(values | changes))


def setup_of(cells: RunCells, options: Options, progress: Progress, plan: Plan | None = None) -> RunSetup:
    """A run in a folder that is not there."""
    return RunSetup(plan or Plan(view=[]), options, cells, Store(Path("folder")), progress)


def recording_of(**changes: Any) -> Recording:
    """What a driver measured: a window of a second."""
    values: dict[str, Any] = {
        "status": "measured",
        "error": None,
        "opened_ns": 0,
        "closed_ns": 1_000_000_000,
        "issued": 1,
        "recorded": 1,
        "failures": {},
        "driver": None,
        "loop_lag": None,
        "clocks_comparable": True,
    }
    return Recording(**(values | changes))


def reading_of(cpu_s: float = 0.0, **changes: Any) -> Reading:
    """A role's counters."""
    return Reading(**({"at_ns": 0, "cpu_s": cpu_s, "main_cpu_s": cpu_s, "processes": 1} | changes))


class WorkersDouble:
    """Workers that note what is done to them; `dies`: why, from when they are first asked."""

    def __init__(self, place: WorkersPlace | None = None, slots: int | None = 4, did: list[str] | None = None) -> None:
        self.place = place
        self.slots = slots
        self.did = [] if did is None else did
        self.dies: str | None = None
        self.ran: list[int] = []
        self.ran_of_others = self.ran_of_nobody = 0
        self.ends: list[int] = []
        """Processes that have ended each time that it is asked: before a trial, and after it."""
        self.fails_to_start: Exception | None = None
        self.is_stopped: str | None = None
        self.is_silent: str | None = None

    def processes(self) -> list[int]:
        """None that could be struck."""
        return []

    def stopped(self) -> str | None:
        """As it was given."""
        return self.is_stopped

    async def start(self) -> None:
        """Note it."""
        self.did.append("workers start")
        if self.fails_to_start is not None:
            raise self.fails_to_start

    async def ensure(self) -> None:
        """Note it."""
        self.did.append("workers ensured")

    async def reading(self, *, memory: bool) -> Reading:
        """One CPU-second more each time."""
        self.did.append("workers read with memory" if memory else "workers read")
        return reading_of(float(len(self.did)), memory_mb=50.0 if memory else None)

    async def executed(self, trial: int) -> Executed:
        """As given."""
        numbers = np.array(self.ran, dtype=np.int64)
        return Executed(
            numbers, self.ran_of_others, self.ran_of_nobody, processes_ended=self.ends.pop(0) if self.ends else 0
        )

    def dead(self) -> str | None:
        """As given."""
        return self.dies

    async def silent(self) -> str | None:
        """As it was given."""
        return self.is_silent

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """One worker, with its slots."""
        return [Worker(name="w1", host="h", cpus=2, boot_id="b")], {"slots": self.slots}

    async def stop(self, grace_s: float) -> None:
        """Note it."""
        self.did.append(f"workers stopped within {grace_s:g} s")


class BrokerDouble:
    """A broker that notes what is done to it."""

    socket_place = None
    server = None

    def __init__(self, did: list[str] | None = None, *, own: bool = True) -> None:
        self.did = [] if did is None else did
        self.own = own
        self.at = broker_url("redis://nowhere")
        self.ended: str | None = None
        self.is_stopped: str | None = None
        self.seen = Observed({}, is_bound=True, waiting=0)
        self.waits: list[int] = []
        self.fails: Exception | None = None
        self.peer = Peer("the broker redis://nowhere", "Redis")
        self.is_own = own

    @property
    def place(self) -> BrokerPlace:
        """Where it is said to be, which is nowhere."""
        return BrokerPlace(self.at, broker_url("redis://nowhere"))

    def describe(self) -> BrokerDescription:
        """For the results document."""
        return BrokerDescription(url="redis://nowhere", server="redis", version="8", own=self.own)

    def answer(self) -> None:
        """Raise the error that it was given."""
        if self.fails is not None:
            raise self.fails

    @property
    def identity(self) -> str:
        """Another one each time that it is made, where it has no name of its own."""
        return f"{self.peer.shown} {id(self)}"

    def reading(self) -> Reading:
        """Its usage, or the error that it was given."""
        self.answer()
        return reading_of(memory_mb=1.0)

    def readings(self) -> dict[str, Reading]:
        """Its one server's."""
        return {self.identity: self.reading()}

    def note(self, queues: Iterable[str]) -> None:
        """Note it."""
        self.did.append(f"queues {', '.join(queues)} noted")

    def forget_results(self, trial: int, unclean: bool) -> None:
        """Note it."""
        self.did.append(f"results of {trial} forgotten")

    def waiting(self, queue: str) -> int:
        """As given, once for each time that it is asked."""
        return self.waits.pop(0) if self.waits else 0

    def remove_queue(self, name: str) -> None:
        """Note it."""
        self.did.append(f"queue {name} removed")

    def left(self, queue: str, trial: int) -> Left:
        """Nothing."""
        return Left(frozenset(), frozenset())

    def clear(self, queue: str, trial: int) -> None:
        """Note it."""
        self.did.append(f"queue {queue} cleared of {trial}")

    def observed(self, queue: str) -> Observed:
        """As given, or the error that it was given."""
        self.answer()
        return self.seen

    def gone(self) -> str | None:
        """As given."""
        return self.ended

    def stopped(self) -> str | None:
        """As given."""
        return self.is_stopped

    async def close(self, grace_s: float) -> None:
        """Note it."""
        self.did.append("broker closed")


class Reported(Quiet):
    """Progress that is kept."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.trials: list[tuple[str, int, str]] = []
        self.over = 0

    def step(self, text: str) -> None:
        """Keep it."""
        self.steps.append(text)

    def trial_ends(self, cell: Cell, trial: Trial) -> None:
        """Keep its cell, its round, its status."""
        self.trials.append((cell.id, trial.round, trial.status))

    def end(self) -> None:
        """Count it."""
        self.over += 1


def wrong_trial(round_number: int = 1) -> Trial:
    """A trial that a wrong reply disqualified."""
    return trial_of(round_number, None, status="disqualified", error="a wrong reply")

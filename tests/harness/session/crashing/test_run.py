"""A trial with a fault, whole: a worker that acknowledges early and dies loses exactly the requests that it had."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from harness import registry
from harness.driver.messages import Message, TrialSpec, WindowOpened
from harness.errors import ServiceError
from harness.recording.ledger import Event, Ledger
from harness.results.model import Crash, Trial
from harness.services.brokers.broker import Left
from harness.session.crashing import run as crashing
from harness.session.crashing.run import CrashRun
from harness.session.crashing.target import LOOK_S, Application, Stage
from harness.session.driver_spec import TrialWork
from harness.session.faults import deadline_shutdown
from harness.session.faults.fault import Fault
from harness.session.faults.stop_broker import StopBroker
from harness.session.roles import Roles
from tests.harness.session.doubles import BrokerDouble, WorkersDouble, plan_of
from workloads.workload import Services

KNOWN = (3, 5, 8)
TRIAL = 7


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for that this test decides itself."""
    monkeypatch.setattr(Fault, "down_s", 0.0)
    monkeypatch.setattr(Fault, "quiet_s", 0.1)
    monkeypatch.setattr(crashing, "FETCHED_S", 0.0)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    made = Ledger(tmp_path / "ledger")
    yield made
    made.close()


class Producer:
    """An application that is told that all of its requests were accepted, and hears no more."""

    def __init__(self, ledger: Ledger, requests: int) -> None:
        self.specs: list[TrialSpec] = []
        self._ledger = ledger
        self._requests = requests

    async def fork(self, spec: TrialSpec) -> "Producer":
        """Submit all at once."""
        self.specs.append(spec)
        for number in range(spec.issued_before, self._requests):
            self._ledger.note(TRIAL, number, Event.OFFERED)
            self._ledger.note(TRIAL, number, Event.ACCEPTED)
        return self

    async def receive(self) -> Message | None:
        """Nothing, for ever."""
        await asyncio.Event().wait()
        return None

    def signal(self, number: int) -> None:
        """It has no process."""

    def kill(self) -> None:
        """It has no process."""

    async def ended(self) -> str | None:
        """At once."""
        return None


class Planted(WorkersDouble):
    """A worker that has acknowledged all that it fetched, and does all but the known ones, in a process of its own."""

    deaf: ClassVar[bool] = False
    """Whether it does not end when it is told to."""

    def __init__(self, ledger: Ledger, requests: int) -> None:
        super().__init__()
        self.pids = [self._forked(ledger, requests)]
        self.restarts = 0

    def _forked(self, ledger: Ledger, requests: int) -> int:
        pid = os.fork()
        if pid:
            return pid
        signal.signal(signal.SIGTERM, signal.SIG_IGN if self.deaf else signal.SIG_DFL)
        for number in range(requests):
            ledger.note(TRIAL, number, Event.STARTED)
        for number in set(range(requests)) - set(KNOWN):
            ledger.note(TRIAL, number, Event.ENDED)
            ledger.note(TRIAL, number, Event.REPLIED)
        signal.pause()
        os._exit(0)

    def processes(self) -> list[int]:
        """Those that run."""
        self.pids = [pid for pid in self.pids if os.waitpid(pid, os.WNOHANG) == (0, 0)]
        return self.pids

    async def ensure(self) -> None:
        """Count it."""
        self.restarts += 1


def run_of(ledger: Ledger, folder: Path, roles: Roles, source: Any, load: str) -> CrashRun:
    """A trial of celery-prefork under that load."""
    plan = msgspec.structs.replace(plan_of(), contender="celery-prefork", broker="redis", load=load)
    work = TrialWork(
        plan=plan,
        services=Services(),
        queue="q",
        workers=("w",),
        trial_id=TRIAL,
        timeout_s=30.0,
        seed=1,
        sampled=False,
        spool=folder / "spool",
        ledger=str(ledger.path),
    )
    return CrashRun(round=1, order=0, work=work, source=source, roles=roles, ledger=ledger, log=folder / "log")


def crash_in(trial: Trial) -> Crash:
    """Its account."""
    assert trial.crash is not None, trial.error
    return trial.crash


async def test_a_worker_that_acknowledges_early_loses_exactly_what_it_had(ledger: Ledger, tmp_path: Path) -> None:
    """Three known ids of twelve, whatever else it has done; it is started again once."""
    workers, broker, producer = Planted(ledger, 12), BrokerDouble(), Producer(ledger, 12)
    roles = Roles(workers=workers, broker=broker)
    run = run_of(ledger, tmp_path, roles, producer, "crash:kill-worker@12:burst:12")
    ran = await run.run()
    crash = crash_in(ran.trial)
    assert (crash.lost_ids, crash.lost, crash.done, crash.waiting, crash.failed) == ([*KNOWN], 3, 9, 0, 0)
    assert (ran.trial.status, ran.trial.submitted, ran.trial.ok, ran.trial.lost) == ("measured", 12, 9, 3)
    assert (workers.restarts, workers.pids, ran.unclean) == (1, [], False)
    assert "queue q cleared of 7" in broker.did
    assert ledger.entries(TRIAL) == []


@pytest.mark.parametrize("deaf", [False, True])
async def test_what_was_told_to_end_is_killed_at_its_deadline(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaf: bool
) -> None:
    """As by Kubernetes, by the run's time scale; what ends before is not."""
    monkeypatch.setattr(deadline_shutdown, "GRACE_S", 60 * LOOK_S)
    monkeypatch.setattr(Planted, "deaf", deaf)
    workers = Planted(ledger, 12)
    roles = Roles(workers=workers, broker=BrokerDouble())
    run = run_of(ledger, tmp_path, roles, Producer(ledger, 12), "crash:deadline-shutdown@12:burst:12")
    plan = msgspec.structs.replace(run.work.plan, tuning=["time-scale-60"])
    work = msgspec.structs.replace(run.work, plan=plan)
    crash = crash_in((await msgspec.structs.replace(run, work=work).run()).trial)
    assert (crash.lost_ids, workers.restarts, workers.processes()) == ([*KNOWN], 1, [])


async def test_what_the_broker_still_has_waits_and_is_not_lost(ledger: Ledger, tmp_path: Path) -> None:
    """With the timeout that is in force."""

    class Holding(BrokerDouble):
        def left(self, queue: str, trial: int) -> Left:
            return Left(frozenset(), frozenset(KNOWN[1:]))

    roles = Roles(workers=Planted(ledger, 12), broker=Holding())
    run = run_of(ledger, tmp_path, roles, Producer(ledger, 12), "crash:kill-worker@12:burst:12")
    crash = crash_in((await run.run()).trial)
    assert (crash.lost_ids, crash.waiting, crash.held, crash.visibility_timeout_s) == ([3], 2, 2, 3600.0)


async def test_an_application_goes_on_where_the_last_one_died(ledger: Ledger, tmp_path: Path) -> None:
    """With the numbers that nobody has used."""
    workers, producer = Planted(ledger, 4), Producer(ledger, 4)
    run = run_of(ledger, tmp_path, Roles(workers=workers, broker=BrokerDouble()), producer, "crash:kill-app@4:burst:4")
    ending = asyncio.create_task(run.run())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.session.crashing.target.ENDING_S", LOOK_S)
        await ending
    assert [spec.issued_before for spec in producer.specs] == [0, 4]
    os.kill(workers.pids[0], signal.SIGKILL)


async def test_a_fault_that_cannot_strike_fails_the_trial_with_the_reason(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves nothing."""
    monkeypatch.setattr("harness.session.crashing.target.BUSY_S", 0.0)
    broker = BrokerDouble()
    roles = Roles(workers=WorkersDouble(), broker=broker)
    run = run_of(ledger, tmp_path, roles, Producer(ledger, 2), "crash:kill-child@2:open:50/s")
    ran = await run.run()
    assert (ran.trial.status, ran.unclean) == ("failed", True)
    assert "no child of the worker executed anything" in str(ran.trial.error)
    assert "queue q removed" in broker.did


async def test_a_fault_never_strikes_a_contender_that_has_begun_nothing(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one whose slots an earlier trial's jobs still hold: nothing that ran would be struck."""
    monkeypatch.setattr(crashing, "BEGUN_S", 0.0)
    roles = Roles(workers=WorkersDouble(), broker=BrokerDouble())
    ran = await run_of(ledger, tmp_path, roles, Producer(ledger, 2), "crash:warm-shutdown@2:burst:2").run()
    assert (ran.trial.status, ran.unclean) == ("failed", True)
    assert "no request was begun within 0 s" in str(ran.trial.error)


class Silencing(StopBroker):
    """Its broker answers nobody from the strike on."""

    def __init__(self) -> None:
        self.struck, self.did = asyncio.Event(), list[str]()

    async def strike(self, target: Any) -> None:
        """Say so."""
        self.struck.set()

    async def restore(self, target: Any) -> None:
        """Note it."""
        self.did.append("goes on")


async def test_an_interrupt_asks_nothing_of_a_broker_that_was_stopped(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question would wait for its deadline: the run went on for half a minute after Ctrl-C."""
    fault, broker = Silencing(), BrokerDouble()
    monkeypatch.setattr(fault, "down_s", 60.0)
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda kind, *rest: fault if kind == "fault" else load(kind, *rest))
    roles = Roles(workers=WorkersDouble(), broker=broker)
    running = asyncio.create_task(
        run_of(ledger, tmp_path, roles, Producer(ledger, 2), "crash:stop-broker@2:open:50/s").run()
    )
    await fault.struck.wait()
    broker.did.clear()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (fault.did, broker.did) == (["goes on"], [])


async def test_a_fault_of_a_broker_that_is_not_ours_fails(ledger: Ledger, tmp_path: Path) -> None:
    """It is never touched."""
    stage_of: Callable[..., Any] = Stage
    stage = stage_of(None, Roles(broker=BrokerDouble()), None, ledger)
    with pytest.raises(ServiceError, match="only a broker that the run started can be struck"):
        _ = stage.broker


async def test_an_application_that_is_started_again_is_waited_for_until_it_is_open(
    ledger: Ledger, tmp_path: Path
) -> None:
    """What it says first is that its load begins; one that ends without a word is not waited for."""
    says: list[asyncio.Queue[Message | None]] = [asyncio.Queue() for _ in range(3)]

    class Speaking(Producer):
        """Each process says what it is given to say."""

        async def receive(self) -> Message | None:
            """The next of the process that was forked last."""
            return await says[len(self.specs) - 1].get()

    roles: Any = None
    work = run_of(ledger, tmp_path, roles, None, "crash:kill-app@2:burst:2").work
    application = Application(Speaking(ledger, 2), work, ledger)
    await application.start()
    says[0].put_nowait(None)
    restarted = asyncio.create_task(application.again())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not restarted.done()
    says[1].put_nowait(WindowOpened())
    await restarted
    says[1].put_nowait(None)
    again = asyncio.create_task(application.again())
    says[2].put_nowait(None)
    await again
    await application.end()

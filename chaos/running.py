"""Runs the command line for a case, hits what the case says, and waits for the end within a deadline."""

import contextlib
import os
import shutil
import signal
import sys
import time
import uuid
from pathlib import Path

import msgspec
import psutil
import redis

from chaos.around import Around, Waiting
from chaos.case import ELSEWHERE, PAUSE_S, Case, Role, Strike
from chaos.commands import client_of, execute
from chaos.given import Given, queued
from chaos.journal import Watched
from chaos.leftovers import GRACE_S, Before
from chaos.moments import Approach
from chaos.plans import arguments, plan, trials
from chaos.processes import Tree, environment, of_role
from harness.errors import WorkbenchError
from harness.results import store
from harness.results.model import Results

STEP_S = 0.01
REACHES_WITHIN_S = 45.0
"""How long a run may take up to its last moment, on a core that is free."""
ENDS_WITHIN_S = 35.0
"""How long after a hit a run may go on, on a core that is free: what is left of it, and each wait to its limit."""
BOOTS_WITHIN_S = 30.0
"""How much longer, where it starts a RabbitMQ, again perhaps."""
STRETCHED_S = 8.0
"""How long a trial takes where half of the slots are gone, and nobody starts them again before the run has ended: its
window holds twelve response times, and these are twice as long."""
ENDED_WITHIN_S = 0.5
"""How long a signal may take to end a process that it ends."""


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """What was hit, and where the run was."""

    strike: Strike
    pids: list[int]
    ended: bool
    """Whether the signal ended all of them."""
    phase: str
    phase_after: str
    """As the journal has it when the signal had its effect."""
    trial: int | None
    """The trial that was under way, or else the next one; from 0. None after the last one."""
    under_way: bool


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a case has shown."""

    status: int | None
    """The exit status; None if it did not end in time."""
    seconds: float
    err: str
    struck: list[Struck]
    """Without those whose moment never came, or whose role nothing played then."""
    results: Results | None
    unreadable: str | None
    """Why there is no valid document."""
    files: list[str]
    """In the run's folder."""
    left: list[str]
    """What was left behind."""


class Running:
    """One case, from its start to its end."""

    def __init__(self, case: Case, folder: Path, given: Given | None, around: Waiting | None = None) -> None:
        """`folder`: an empty one. `around`: those that wait there already, and go on to wait after this run.

        Runs that have them in common have a folder for temporary files in common, too, beside their own.
        """
        self._case = case
        self._stays = around is not None
        if around is not None:
            self._around: Waiting = around
        self._folder = folder
        self._given = given
        self._mark = uuid.uuid4().hex
        self._temporary = (folder.parent if self._stays else folder) / "tmp"
        self._temporary.mkdir(exist_ok=True)
        self._output = folder / "run"
        self._watched = Watched(self._output / store.JOURNAL)
        self._tree = Tree()

    def to_the_end(self) -> Seen:
        """Run it."""
        before = Before(self._mark, self._tree, self._temporary)
        if not self._stays:
            self._around = Around(self._case, self._folder, self._url, self._mark)
        begun_s = time.monotonic()
        process = self._start()
        try:
            struck = self._strikes(process)
            status = self._ended(process)
        except BaseException:  # interrupted: nothing of it shall go on
            if not self._stays:
                self._around.close()
            before.left_running(0.0)
            raise
        finally:
            if self._given is not None:
                self._given.resume()
        seconds = time.monotonic() - begun_s
        left = [] if self._stays else self._around.close()
        left += before.left_running(GRACE_S * queued() if process.poll() is not None else 0.0)
        process.wait()
        results, unreadable = self._document()
        left += before.left_shared()
        if not self._stays:  # else the next run is to cope with it
            left += self._left_files(before) + self._left_on_broker()
        return Seen(
            status=status,
            seconds=seconds,
            err=(self._folder / "err").read_text("utf-8", "replace"),
            struck=struck,
            results=results,
            unreadable=unreadable,
            files=sorted(path.name for path in self._output.iterdir()) if self._output.is_dir() else [],
            left=left,
        )

    def _start(self) -> psutil.Popen:
        plan_file = self._folder / "plan.toml"
        plan_file.write_text(plan(self._case), "utf-8")
        argv = [sys.executable, "-P", "-m", "harness", *arguments(self._case, plan_file, self._output, self._url)]
        with (self._folder / "out").open("w") as out, (self._folder / "err").open("w") as err:
            return psutil.Popen(
                argv,
                cwd=self._folder,
                stdout=out,
                stderr=err,
                env=environment(self._mark, self._temporary),
                preexec_fn=_default_signals,
            )

    @property
    def _url(self) -> str | None:
        """Of the given broker."""
        return self._given.url if self._given is not None else None

    def _strikes(self, process: psutil.Popen) -> list[Struck]:
        """Those of the case, one after the other."""
        found = [self._approach(process, strike) for strike in self._case.strikes]
        return [struck for struck in found if struck is not None]

    def _approach(self, process: psutil.Popen, strike: Strike) -> Struck | None:
        """Follow the run to the moment of a strike, and hit."""
        there_before = strike.role == "workbench" or self._case.is_given(strike)
        approach = Approach(
            strike, self._watched, lambda role: self._is_there(process, role), is_there_before=there_before
        )
        deadline = time.monotonic() + REACHES_WITHIN_S * queued()
        while process.poll() is None and time.monotonic() < deadline:
            self._watched.read()
            self._tree.look(process)
            due_s = approach.due_s()
            if due_s is not None and time.monotonic() >= due_s:
                struck = self._hit(process, strike)
                if struck is not None:
                    return struck
            if approach.missed():
                return None
            time.sleep(STEP_S)
        return None

    def _is_there(self, root: psutil.Process, role: Role) -> bool:
        """Whether anything plays the role now; drivers elsewhere are those of their own programs."""
        is_elsewhere = self._case.workers == "external" and self._case.drivers > 1
        return bool(self._of_role(root, role)) or (role == "driver" and is_elsewhere)

    def _of_role(self, root: psutil.Process, role: Role) -> list[psutil.Process]:
        """Those of the run that play it now; `root`: what was started."""
        return of_role(root, role)

    def _hit(self, root: psutil.Popen, strike: Strike) -> Struck | None:
        """Hit what plays the role now; None if nothing does."""
        given = self._given if self._case.is_given(strike) and strike.role not in ELSEWHERE else None
        targets = self._around.of_role(strike.role) if strike.role in ELSEWHERE else self._of_role(root, strike.role)
        targets = [] if given is not None else targets
        if not targets and given is None:
            return None
        self._watched.read()
        phase, begun, ended = self._watched.phase(), self._watched.begun(), self._watched.ended()
        if given is not None:
            given.hit(strike)
        for process in targets:
            with contextlib.suppress(psutil.Error, redis.RedisError):  # it has ended, or ends meanwhile
                _send(process, strike)
        if strike.hit == "STOP 2 s":
            time.sleep(PAUSE_S)
            self._resume(targets, given)
        waits = strike.signal not in (None, signal.SIGSTOP)
        gone, _ = psutil.wait_procs(targets, timeout=ENDED_WITHIN_S if waits else 0)
        self._watched.read()
        return Struck(
            strike=strike,
            pids=[process.pid for process in targets],
            ended=strike.hit == "KILL" if given is not None else len(gone) == len(targets),
            phase=phase,
            phase_after=self._watched.phase(),
            trial=ended if ended < trials(self._case) else None,
            under_way=begun > ended,
        )

    def _resume(self, targets: list[psutil.Process], given: Given | None) -> None:
        if given is not None:
            given.resume()
        for process in targets:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGCONT)

    def _ended(self, process: psutil.Popen) -> int | None:
        """Its exit status; None if it does not end in time, and so is killed."""
        whole_s = 0.0 if self._case.strikes else REACHES_WITHIN_S
        whole_s += BOOTS_WITHIN_S if self._case.broker == "own rabbitmq" else 0.0
        whole_s += STRETCHED_S * trials(self._case) if self._case.workers == "external" else 0.0
        deadline = time.monotonic() + (whole_s + ENDS_WITHIN_S) * queued()
        while time.monotonic() < deadline:
            self._tree.look(process)
            with contextlib.suppress(psutil.TimeoutExpired):
                return int(process.wait(STEP_S))
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since
            process.kill()
        return None

    def _document(self) -> tuple[Results | None, str | None]:
        if not (self._output / store.DOCUMENT).exists():
            return None, None
        try:
            return store.read(self._output), None
        except WorkbenchError as error:
            return None, str(error)

    def _left_files(self, before: Before) -> list[str]:
        """After a workbench that was killed, what the next run does not remove either."""
        if any(strike.role == "workbench" and strike.hit == "KILL" for strike in self._case.strikes):
            for folder in self._temporary.iterdir():
                os.utime(folder, (0, 0))
            self._clean()
        return before.left_files()

    def _clean(self) -> None:
        clean(self._folder, self._url, environment(self._mark, self._temporary))

    def _left_on_broker(self) -> list[str]:
        if self._given is None or any(self._is_spoiled_by(strike) for strike in self._case.strikes):
            return []
        return [f"on the broker: {each}" for each in self._given.left() or []]

    def _is_spoiled_by(self, strike: Strike) -> bool:
        """Whether nothing is to be seen on the given broker any more, or what is there is the rest of a flush."""
        return self._case.is_given(strike) and strike.hit in ("KILL", "STOP", "FLUSHALL", "FLUSHDB")


def _send(process: psutil.Process, strike: Strike) -> None:
    if strike.signal is not None:
        process.send_signal(strike.signal)
    elif strike.command is not None:
        with client_of(process) as client:
            execute(client, strike.command)


def run_case(
    case: Case, folder: Path, given: Given | None, around: Waiting | None = None, how: type[Running] = Running
) -> Seen:
    """Run a case in that folder, which is made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return how(case, folder, given, around).to_the_end()


def clean(folder: Path, broker_url: str | None, env: dict[str, str]) -> None:
    """`workbench doctor --clean`, run in that folder."""
    broker = ["--broker", broker_url] if broker_url is not None else []
    argv = [sys.executable, "-P", "-m", "harness", "doctor", "--clean", *broker]
    with psutil.Popen(argv, cwd=folder, stdout=-3, env=env) as cleaning:
        cleaning.wait(60)


def _default_signals() -> None:
    """What a test runner or a shell ignores, the run shall not."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)

"""Workers that were started outside the run: found, checked, given a queue to consume, and never stopped."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import msgspec

from harness.contenders.celery.answers import numbers_of
from harness.contenders.celery.control import Answers, ask
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.jobs import registered
from harness.machine.usage import Reading, together
from harness.results.model import Worker

if TYPE_CHECKING:  # in a driver, whose memory is measured, numpy would take 10 MB
    import numpy as np
    from numpy.typing import NDArray

FIND_LIMIT_S = 10.0
ASK_S = 1.0
"""How long to wait for answers to a broadcast, in seconds: the number of workers is not known."""
REPLY_LIMIT_S = 5.0
SILENT_S = 3.0
"""How long they may take where nothing moves; the broker then has answered, or is named itself."""
SOLO = "solo"
BEAT_S = 5.0
SILENT_AFTER = 2
"""After this many heartbeats in a row without an answer, a worker counts as gone."""
OWN = ("pool", "slots", "tasks")
"""Settings that a worker reports and that may differ from those of the harness."""


class ExternalWorkers:
    """All workers of a pool that respond on the broker; together they have `slots` slots."""

    def __init__(self, pool: str, place: WorkersPlace) -> None:
        self._pool = pool
        self._place = place
        self._job = registered.find(place.tasks[0]) if len(place.tasks) == 1 else None
        """The job of the user's own that they execute; None for work of the workbench's."""
        self._workers: Answers = {}
        self._silent: dict[str, int] = {}
        self._taking = False
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find them and check that they run what this harness runs; raises ServiceError that names the difference."""
        deadline = asyncio.get_running_loop().time() + FIND_LIMIT_S
        answers: Answers = {}
        while not (mine := self._suiting(answers)):
            if asyncio.get_running_loop().time() > deadline:
                raise ServiceError(self._none_found(answers))
            answers = await ask(self._place, "workbench_describe", None, None, ASK_S)
        for name, answer in mine.items():
            self._check(name, answer)
        self._workers = dict(sorted(mine.items()))
        self._silent = dict.fromkeys(self._workers, 0)
        await self._take()
        self._beating = asyncio.create_task(self._beat())

    async def ensure(self) -> None:
        """Make workers that had stopped consume this run's queue again, including those that have come back."""
        if not self._taking or self.dead() is not None:
            answers = await ask(self._place, "workbench_describe", None, self._names, ASK_S)
            self._silent = {name: 0 if name in answers else SILENT_AFTER for name in self._workers}
            if self.dead() is None:
                await self._take()

    async def reading(self, *, memory: bool) -> Reading:
        """The usage of all of them together."""
        answers = await self._all("workbench_reading", memory=memory)
        return together([msgspec.convert(answer, Reading) for answer in answers])

    async def executed(self, trial: int) -> "NDArray[np.int64]":
        """The executions that they recorded, all together."""
        import numpy as np

        answers = await self._all("workbench_executed", trial=trial)
        return np.concatenate([numbers_of(name, answer) for name, answer in zip(self._names, answers, strict=True)])

    def dead(self) -> str | None:
        """Those that no longer answer, and their share of the slots; None while all of them do."""
        gone = [name for name, missed in self._silent.items() if missed >= SILENT_AFTER]
        if not gone:
            return None
        share = sum(self._workers[name]["effective"]["slots"] for name in gone)
        return f"workers stopped responding: {', '.join(gone)}, with {share} of {self._slots} {self._pool} slots"

    def processes(self) -> list[int]:
        """None of ours."""
        return []

    def stopped(self) -> str | None:
        """None: their processes cannot be seen from here."""
        return None

    async def silent(self) -> str | None:
        """Which of them does not answer; None if all do. One with the pool solo does not while it executes a task."""
        if self._pool == SOLO or not self._taking:
            return None
        try:
            answers = await ask(self._place, "ping", None, self._names, SILENT_S)
        except ServiceError as error:
            return str(error)
        self._silent |= {name: SILENT_AFTER for name in self._workers if name not in answers}
        return self.dead()

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """Each of them, and the settings that all of them have."""
        workers = [
            Worker(name=name, host=answer["host"], cpus=answer["cpus"], boot_id=answer["boot_id"])
            for name, answer in self._workers.items()
        ]
        return workers, next(iter(self._workers.values()))["effective"] | {"slots": self._slots}

    async def stop(self, grace_s: float) -> None:
        """Make them stop consuming this run's queue; they keep waiting for other runs."""
        if grace_s and self._beating is not None:
            self._beating.cancel()
        if self._taking:
            self._taking = False
            limit_s = REPLY_LIMIT_S if grace_s else ASK_S
            with contextlib.suppress(ServiceError):  # with a broker that is gone, so is the queue
                await ask(self._place, "cancel_consumer", {"queue": self._place.queue}, self._names, limit_s)

    @property
    def _names(self) -> list[str]:
        return list(self._workers)

    @property
    def _slots(self) -> int:
        return sum(answer["effective"]["slots"] for answer in self._workers.values())

    async def _take(self) -> None:
        answers = await ask(self._place, "add_consumer", {"queue": self._place.queue}, self._names, REPLY_LIMIT_S)
        self._complain_of(answers, "add_consumer")
        self._taking = True

    async def _all(self, command: str, **arguments: Any) -> list[Any]:
        """The answer of each; raises ServiceError if one is missing."""
        answers = await ask(self._place, command, arguments, self._names, REPLY_LIMIT_S)
        self._complain_of(answers, command)
        return [answers[name] for name in self._workers]

    def _complain_of(self, answers: Answers, command: str) -> None:
        missing = [name for name in self._workers if name not in answers]
        if missing:
            self._silent |= dict.fromkeys(missing, SILENT_AFTER)
            raise ServiceError(f"worker {', '.join(missing)} did not answer {command} within {REPLY_LIMIT_S:g} s")

    async def _beat(self) -> None:
        """Check regularly which of them still respond: their processes cannot be watched from here."""
        while True:
            await asyncio.sleep(BEAT_S)
            answers: Answers = {}
            with contextlib.suppress(ServiceError):  # a broker that does not answer is counted as their silence
                answers = await ask(self._place, "ping", None, self._names, REPLY_LIMIT_S)
            for name in self._workers:
                self._silent[name] = 0 if name in answers else self._silent[name] + 1

    def _suiting(self, answers: Answers) -> Answers:
        """Those with the pool, for the run's job or for the workbench's own work."""
        job = None if self._job is None else self._job.name
        return {
            name: answer
            for name, answer in answers.items()
            if answer["effective"]["pool"] == self._pool and (answer.get("job") or {}).get("name") == job
        }

    def _none_found(self, answers: Answers) -> str:
        url = self._place.broker.url
        others = ", ".join(f"{name} ({_what(answer)})" for name, answer in sorted(answers.items()))
        job = "" if self._job is None else f" for the job {self._job.name}"
        start = "" if self._job is None else f" --job {self._job.spec.given.removeprefix('-w ')}"
        return (
            f"no worker with the pool {self._pool}{job} answered on {url} within {FIND_LIMIT_S:g} s"
            + (f"; others did: {others}" if others else "")
            + f". Start one: workbench worker --pool {self._pool} --broker URL{start}"
        )

    def _check(self, name: str, answer: dict[str, Any]) -> None:
        """Raise ServiceError if a worker's versions, settings, tasks or job differ from those of this harness."""
        from harness.contenders.celery.config import identity, runs

        lacking = sorted(set(self._place.tasks) - set(answer["effective"].get("tasks", self._place.tasks)))
        if lacking:
            raise ServiceError(
                f"worker {name} was started without {', '.join(lacking)}: add --workload {lacking[0]}, or give none."
            )
        if self._job is not None and answer["job"]["fingerprint"] != self._job.facts.fingerprint:
            raise ServiceError(
                f"worker {name} has another source of the job {self._job.name} than this run has imported here. Copy "
                "the same files to both, and start the worker again."
            )
        mine = (identity() if self._job is None else runs()) | {"backend": self._place.broker.backend.scheme}
        theirs = {key: value for key, value in answer["effective"].items() if key not in OWN}
        theirs |= answer["runs"] | {"backend": answer["backend"]}
        differing = [
            f"{key} is {theirs.get(key)!r} there and {value!r} here"
            for key, value in mine.items()
            if theirs.get(key) != value
        ]
        if differing:
            raise ServiceError(
                f"worker {name} differs from this harness: {'; '.join(differing)}. Install the same version on both, "
                "and start it with workbench worker."
            )


def _what(answer: dict[str, Any]) -> str:
    """The pool of a worker, and its job."""
    pool, job = answer["effective"]["pool"], answer.get("job")
    return f"{pool}, job {job['name']}" if job else str(pool)

"""Workers that were started outside the run: found, checked, leased, given a queue to consume, and never stopped."""

import asyncio
import contextlib
from typing import Any

import msgspec

from harness.contenders.celery.answers import all_executed, executed_of
from harness.contenders.celery.control import ask
from harness.contenders.celery.fleet.leasing import (
    REPLY_LIMIT_S,
    SILENT_AFTER,
    SILENT_BUSY_AFTER,
    STOPPED,
    TAKEN,
    TRY_AGAIN_S,
    Leasing,
    is_held,
)
from harness.contenders.celery.fleet.members import ASK_S, Member, differences, members, refusal
from harness.contenders.celery.fleet.sweeping import sweep_but
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.jobs import registered
from harness.machine.usage import Reading, together
from harness.recording.executed import Executed
from harness.results.model import Worker
from harness.services.terms import Terms

FIND_LIMIT_S = 10.0
LOOK_S = 4.0
NO_TRIAL = -1
SILENT_S = 3.0
"""How long they may take where nothing moves; the broker then has answered, or is named itself."""
SOLO = "solo"
"""It executes in the thread that would answer."""
OWN = ("pool", "slots", "tasks")
"""Settings that a worker reports and that may differ from those of the harness."""


class ExternalWorkers:
    """Workers of a pool that this run has leased; together they have `slots` slots."""

    def __init__(self, pool: str, place: WorkersPlace, terms: Terms) -> None:
        self._pool = pool
        self._place = place
        self._job = registered.find(place.tasks[0]) if len(place.tasks) == 1 else None
        """The job of the user's own that they execute; None for work of the workbench's."""
        self._terms = terms
        patience = SILENT_BUSY_AFTER if pool == SOLO else SILENT_AFTER
        self._leasing = Leasing(place, terms, "worker", silent_after=patience)
        self._workers: dict[str, Member] = {}
        self._taking = False
        self._none_left: str | None = None
        """Why there were none that this run could have, when it was last looked before a trial."""
        self._unsure = False
        """Whether one did not answer that may have been busy: before the next trial, it is looked who is there."""
        self._there: dict[str, Member] = {}
        """Who waits, as of the last look."""
        self._refused: set[str] = set()
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find them, check that they run what this harness runs, lease them.

        Raises ServiceError that names the difference, or the run that has them.
        """
        now = asyncio.get_running_loop().time
        find_until_s, wait_until_s = now() + FIND_LIMIT_S, now() + self._terms.wait_s
        waits = False
        while True:
            mine = await self._found(find_until_s)
            chosen = self._chosen(mine)
            taken = await self._leasing.take(chosen)
            if taken is None:
                break
            if self._leasing.was_free(taken, chosen):  # another run was faster, and there may be others
                continue
            if now() + TRY_AGAIN_S > wait_until_s:
                raise is_held("worker", taken)
            if not waits:
                self._terms.note(f"waiting for {taken.name}, which {taken.holder} has leased")
                waits = True
            await asyncio.sleep(TRY_AGAIN_S)
            find_until_s = now() + FIND_LIMIT_S
        self._workers = {member.name: member for member in chosen}
        self._taking = True
        self._watching = asyncio.create_task(self._watch())
        await self._leasing.until_idle()
        await self.executed(NO_TRIAL)  # what they executed before is no matter of this run

    async def _found(self, until_s: float) -> list[Member]:
        """All of the pool, checked; raises ServiceError if there is none, or one differs."""
        while True:
            found = await members(self._place)
            if found:
                await sweep_but(self._place.broker, found)
            if mine := [member for member in found.values() if self._suits(member)]:
                break
            if asyncio.get_running_loop().time() > until_s:
                raise ServiceError(self._none_found(found))
        for member in mine:
            self._check(member)
        return mine

    def _chosen(self, mine: list[Member]) -> list[Member]:
        """All of them, or as many as were asked for: those first that the run can have."""
        if self._terms.at_most is None:
            return mine
        return sorted(mine, key=lambda member: not self._leasing.is_ours(member))[: self._terms.at_most]

    async def ensure(self) -> None:
        """Before a trial: go on without those that are lost, and with those that have come, and have all consume."""
        if self._taking:
            await self._leasing.renew()  # one that was started again since takes from no queue
        if self._taking and self.dead() is None and not self._joined() and not self._unsure:
            return
        self._unsure = False
        there = await members(self._place)
        known = sorted(self._usable(there), key=lambda member: member.name not in self._workers)
        chosen = known[: self._terms.at_most]
        if not chosen:
            self._none_left = self._in_words({name: self._why_not(there.get(name)) for name in self._names})
            return
        self._none_left = None
        await self._leasing.leave(set(self._names) - {member.name for member in chosen})
        if await self._leasing.take(chosen) is None:
            self._workers = {member.name: member for member in sorted(chosen, key=lambda member: member.name)}
            self._taking = True

    def _joined(self) -> bool:
        """Whether there are workers, as of the last look, that this run could have in addition."""
        new = [member for member in self._usable(self._there) if member.name not in self._workers]
        return bool(new) and (self._terms.at_most is None or len(self._workers) < self._terms.at_most)

    def _usable(self, there: dict[str, Member]) -> list[Member]:
        """Those of the pool that run what this harness runs, and that no other run has; others are said once."""
        usable = []
        for member in there.values():
            if not self._suits(member) or not self._leasing.is_ours(member):
                continue
            try:
                self._check(member)
            except ServiceError as error:
                if member.name not in self._refused:
                    self._terms.note(f"not used: {error}")
                self._refused.add(member.name)
            else:
                usable.append(member)
        return usable

    async def _watch(self) -> None:
        """Look now and then who is there."""
        while True:
            await asyncio.sleep(LOOK_S)
            with contextlib.suppress(ServiceError):  # the renewals of the leases find out
                self._there = await members(self._place)

    async def reading(self, *, memory: bool) -> Reading:
        """The usage of all of them together."""
        answers = await self._all("workbench_reading", memory=memory)
        return together([msgspec.convert(answer, Reading) for answer in answers])

    async def executed(self, trial: int) -> Executed:
        """The executions that they recorded, all together; who was started again meanwhile is lost from now on."""
        answers, _ = await asyncio.gather(self._all("workbench_executed", trial=trial), self._leasing.renew())
        return all_executed([executed_of(name, answer) for name, answer in zip(self._names, answers, strict=True)])

    def dead(self) -> str | None:
        """Those that serve this run no more, and their share of the slots; None while all of them do."""
        lost = self._leasing.lost()
        return self._in_words(lost) if lost else self._none_left

    def _why_not(self, member: Member | None) -> str:
        """Why this run cannot have one that it had."""
        if member is None or member.held is None:
            return STOPPED
        return "differs from this harness" if self._leasing.is_ours(member) else f"{TAKEN} {member.holder}"

    def _in_words(self, lost: dict[str, str]) -> str:
        """`lost`: name → why."""
        share = sum(self._workers[name].slots for name in lost if name in self._workers)
        said = "; ".join(
            f"{', '.join(name for name in sorted(lost) if lost[name] == why)} {why}"
            for why in sorted(set(lost.values()))
        )
        whose = f" of {self._place.shard}" if self._place.shard else ""
        return f"workers are lost: {said}; with {share} of {self._slots} {self._pool} slots{whose}"

    def processes(self) -> list[int]:
        """None of ours."""
        return []

    def stopped(self) -> str | None:
        """None: their processes cannot be seen from here."""
        return None

    async def silent(self) -> str | None:
        """Which of them does not answer; None if all do.

        One with the pool solo does not while it executes a task: who is there is looked at before the next trial.
        """
        if not self._taking:
            return None
        try:
            answers = await ask(self._place, "ping", None, self._names, SILENT_S)
        except ServiceError as error:
            return str(error)
        missing = [name for name in self._names if name not in answers]
        if self._pool == SOLO:
            self._unsure |= bool(missing)
        else:
            self._leasing.has_gone(missing)
        if not missing:
            await self._leasing.renew()  # they answer, and may have given up this run's queue
        return self.dead()

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """Each of them, and the settings that all of them have."""
        workers = [
            Worker(name=one.name, host=one.host, cpus=one.cpus, boot_id=one.boot_id, cpu_model=one.cpu_model)
            for one in self._workers.values()
        ]
        return workers, next(iter(self._workers.values())).effective | {"slots": self._slots}

    async def stop(self, grace_s: float) -> None:
        """Make them stop consuming this run's queue; they keep waiting for other runs.

        `grace_s`: 0 where the run goes on, and takes them again.
        """
        if not self._workers:
            return
        self._taking = False
        if grace_s:
            if self._watching is not None:
                self._watching.cancel()
            await self._leasing.end(leave=True)
        else:
            await self._leasing.leave(self._names, ASK_S)

    @property
    def _names(self) -> list[str]:
        return sorted(self._workers)

    @property
    def _slots(self) -> int:
        return sum(member.slots for member in self._workers.values())

    async def _all(self, command: str, **arguments: Any) -> list[Any]:
        """The answer of each; raises ServiceError if one is missing."""
        answers = await ask(self._place, command, arguments, self._names, REPLY_LIMIT_S)
        missing = [name for name in self._names if name not in answers]
        if missing:
            if self._pool == SOLO:
                self._unsure = True
            else:
                self._leasing.has_gone(missing)
            raise ServiceError(f"worker {', '.join(missing)} did not answer {command} within {REPLY_LIMIT_S:g} s")
        return [answers[name] for name in self._names]

    def _suits(self, member: Member) -> bool:
        """Whether it has the pool, and is for the run's job or for the workbench's own work."""
        job = None if self._job is None else self._job.name
        return member.pool == self._pool and (member.job.name if member.job else None) == job

    def _none_found(self, found: dict[str, Member]) -> str:
        url = self._place.broker.url
        others = ", ".join(f"{name} ({member.what})" for name, member in sorted(found.items()))
        job = "" if self._job is None else f" for the job {self._job.name}"
        start = "" if self._job is None else f" --job {self._job.spec.given.removeprefix('-w ')}"
        return (
            f"no worker with the pool {self._pool}{job} answered on {url} within {FIND_LIMIT_S:g} s"
            + (f"; others did: {others}" if others else "")
            + f". Start one: workbench worker --pool {self._pool} --broker URL{start}"
        )

    def _check(self, member: Member) -> None:
        """Raise ServiceError if a worker's versions, sources, settings, tasks or job are not those of this harness."""
        from harness.contenders.celery.config import identity, runs

        tasks = member.effective.get("tasks", self._place.tasks)
        lacking = sorted(set(self._place.tasks) - set(tasks if isinstance(tasks, list | tuple) else ()))
        if lacking:
            raise ServiceError(
                f"worker {member.name} was started without {', '.join(lacking)}: add --workload {lacking[0]}, or give "
                "none."
            )
        if self._job is not None and member.job and member.job.fingerprint != self._job.facts.fingerprint:
            raise ServiceError(
                f"worker {member.name} has another source of the job {self._job.name} than this run has imported here. "
                "Copy the same files to both, and start the worker again."
            )
        ours = (identity() if self._job is None else runs()) | {"backend": self._place.broker.backend.scheme}
        theirs = {key: value for key, value in member.effective.items() if key not in OWN}
        if differing := differences(theirs | member.runs | {"backend": member.backend}, ours):
            raise refusal("worker", member.name, differing)
        if member.held is None:
            raise refusal("worker", member.name, ["it cannot be leased"])

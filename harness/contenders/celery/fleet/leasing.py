"""The leases of a run on workers or drivers that wait: taken, renewed while the run lives, given back."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence

import msgspec

from harness.contenders.celery.answers import LEAVE, TAKE, Held
from harness.contenders.celery.control import ask
from harness.contenders.celery.fleet.lease import LEASE_S, RENEW_S
from harness.contenders.celery.fleet.members import Member
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.services.brokers.broker import peer_of
from harness.services.terms import Terms

REPLY_LIMIT_S = 5.0
TRY_AGAIN_S = 1.0
IDLE_LIMIT_S = 30.0
"""How long one may still work on what a run before this has left."""
POLL_S = 0.1
STOPPED = "stopped responding"
LAPSED, TAKEN = "ended its lease, because this run was not heard", "was leased by run"
SILENT_AFTER = 2
"""After this many renewals in a row without an answer, a member counts as gone."""
SILENT_BUSY_AFTER = 8
"""The same where it cannot answer while it executes a task: more than a minute."""


class Leasing:
    """Members that this run has leased for a queue (empty: for no queue, as drivers are)."""

    def __init__(self, place: WorkersPlace, terms: Terms, kind: str, *, silent_after: int = SILENT_AFTER) -> None:
        """`kind`: what they are, for messages: worker or driver. `silent_after`: renewals without an answer."""
        self._silent_after = silent_after
        self._place = place
        self._terms = terms
        self._kind = kind
        self._silent: dict[str, int] = {}
        self._instances: dict[str, str] = {}
        self._lost: dict[str, str] = {}
        self._renewing: asyncio.Task[None] | None = None

    @property
    def names(self) -> list[str]:
        """Those that are leased."""
        return sorted(self._instances)

    def lost(self) -> dict[str, str]:
        """Those that do not serve this run any more: name → why."""
        silent = {name for name, missed in self._silent.items() if missed >= self._silent_after}
        lost = dict.fromkeys(silent, STOPPED) | self._lost
        return {name: why for name, why in lost.items() if name in self._instances}  # not one that was left since

    def is_ours(self, member: Member) -> bool:
        """Whether this run may have it, or has it."""
        return member.held is not None and member.held.run in ("", self._terms.run)

    def was_free(self, taken: Member, chosen: Sequence[Member]) -> bool:
        """Whether one that another run has was still free when it was chosen."""
        return any(member.name == taken.name and self.is_ours(member) for member in chosen)

    async def take(self, found: Sequence[Member]) -> Member | None:
        """Lease all of these; returns the first that another run has, and then none is leased.

        The first by name is asked alone: of two runs that ask at the same time, one has it, and the other goes no
        further. So it cannot happen that each has a part.
        """
        chosen = {member.name: member for member in sorted(found, key=lambda member: member.name)}
        if (other := next((member for member in chosen.values() if not self.is_ours(member)), None)) is not None:
            return other
        first, *rest = chosen
        for names in filter(None, ([first], rest)):
            held = await self._ask(names, renew=False)
            taken = next((name for name in names if held[name].run != self._terms.run), None)
            if taken is not None:
                await self.leave(chosen)
                return msgspec.structs.replace(chosen[taken], held=held[taken])
            self._instances |= {name: held[name].instance for name in names}
            self._silent |= dict.fromkeys(names, 0)
        for name in chosen:
            self._lost.pop(name, None)
        self._begin_renewing()
        return None

    async def until_idle(self) -> None:
        """Return once none of them works on what an earlier run has left; raises ServiceError if one goes on."""
        now = asyncio.get_running_loop().time
        until_s = now() + max(IDLE_LIMIT_S, self._terms.wait_s)
        while busy := {name: held.busy for name, held in (await self._ask(self.names)).items() if held.busy}:
            if now() > until_s:
                name, number = next(iter(busy.items()))
                raise ServiceError(
                    f"{self._kind} {name} still has {number} tasks of an earlier run. Wait until they have ended, or "
                    "start it again."
                )
            await asyncio.sleep(POLL_S)

    async def leave(self, names: Iterable[str], limit_s: float = REPLY_LIMIT_S) -> None:
        """Give these back; one that does not answer ends its lease itself."""
        leaving = sorted(names)
        if not leaving:  # nobody would be everybody
            return
        for name in leaving:
            self._instances.pop(name, None)
            self._silent.pop(name, None)
            self._lost.pop(name, None)
        arguments = {"run": self._terms.run, "queue": self._place.queue}
        with contextlib.suppress(ServiceError):  # with the broker, the leases go too
            await ask(self._place, LEAVE, arguments, leaving, limit_s)

    async def end(self, *, leave: bool) -> None:
        """Renew no more; `leave`: and give all back, which is not necessary: they end by themselves."""
        if self._renewing is not None:
            self._renewing.cancel()
            self._renewing = None
        if leave and self._instances:
            await self.leave(self.names)

    def has_gone(self, names: Iterable[str]) -> None:
        """These did not answer something else."""
        self._silent |= dict.fromkeys(names, self._silent_after)

    def _begin_renewing(self) -> None:
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self.renew()

    async def renew(self) -> None:
        """Renew all leases, and note who does not answer, has started again, or is another run's.

        Of a broker that does not answer, nothing follows for them: it is the reason of what fails meanwhile.
        """
        names = self.names
        if not names:  # nobody would be everybody
            return
        held: dict[str, Held] = {}
        try:
            held = await self._ask(names, complain=False)
        except ServiceError as error:
            if str(error).startswith(peer_of(self._place.broker.url).shown):
                return
        for name in names:
            self._silent[name] = 0 if name in held else self._silent.get(name, 0) + 1
            if name in held and (why := self._why_lost(name, held[name])) is not None:
                self._lost[name] = why

    def _why_lost(self, name: str, held: Held) -> str | None:
        """Why one that answered does not serve this run any more; None if it does."""
        if held.instance != self._instances.get(name):
            return "ended and started again"
        if not held.run:
            return f"{LAPSED} for {LEASE_S:g} s"
        return f"{TAKEN} {held.holder}" if held.run != self._terms.run else None

    async def _ask(self, names: list[str], *, renew: bool = True, complain: bool = True) -> dict[str, Held]:
        """What each says of its lease; raises ServiceError if one is missing."""
        arguments = {
            "run": self._terms.run,
            "holder": self._terms.holder,
            "queue": self._place.queue,
            "renew": renew,
        }
        answers = await ask(self._place, TAKE, arguments, names, REPLY_LIMIT_S)
        if complain and (missing := [name for name in names if name not in answers]):
            raise ServiceError(f"{self._kind} {', '.join(missing)} did not answer {TAKE} within {REPLY_LIMIT_S:g} s")
        return {name: msgspec.convert(answer, Held) for name, answer in answers.items()}


def has_given_up(reason: str) -> bool:
    """Whether workers are lost because they do not serve this run any more, and so have removed its queue."""
    return LAPSED in reason or TAKEN in reason


def is_held(kind: str, member: Member) -> ServiceError:
    """The error for one that another run has leased."""
    return ServiceError(
        f"{kind} {member.name} is leased by run {member.holder}. Wait for it with --wait 5min, or use "
        f"{kind}s of your own on another broker. `workbench fleet --broker URL` shows who has what."
    )

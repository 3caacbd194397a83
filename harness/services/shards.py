"""Several brokers of one kind as one: each has queues and workers of its own, and a part of the requests.

Which part a request belongs to follows from its id: its driver's number is in it, and a driver has one of the brokers.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from harness.machine.usage import Reading, together
from harness.results import model
from harness.services.brokers.broker import BrokerPlace, BrokerService, Left, Observed
from harness.services.calls import ask_blocking
from harness.services.causes import Peer

PART_LIMIT_S = 3.0
"""Of one of them: so that it is named, rather than all of them."""
T = TypeVar("T")


class Shards:
    """Brokers of one kind, as a trial sees them (see `harness.services.brokers.broker.BrokerService`)."""

    socket_place = None
    server = None

    def __init__(self, parts: Sequence[BrokerService]) -> None:
        self._parts = parts
        shown = " and ".join(part.peer.shown for part in parts)
        self.peer = Peer(shown, parts[0].peer.software, tuple(url for part in parts for url in part.peer.urls))

    @property
    def place(self) -> BrokerPlace:
        """That of the first: drivers meet there."""
        return self._parts[0].place

    @property
    def is_own(self) -> bool:
        """Whether the run started them."""
        return self._parts[0].is_own

    def describe(self) -> model.BrokerDescription:
        """The first of them."""
        return self._parts[0].describe()

    @property
    def identity(self) -> str:
        """Those of all."""
        return "; ".join(part.identity for part in self._parts)

    def reading(self) -> Reading:
        """The usage of all, and that of each; a server that several of them have in common is used once."""
        each = self._each(lambda part: part.readings())
        servers = {name: reading for readings in each for name, reading in readings.items()}
        shards = [together(list(readings.values())) for readings in each]
        return msgspec.structs.replace(together(list(servers.values())), shards=shards)

    def readings(self) -> dict[str, Reading]:
        """All as one."""
        return {self.identity: self.reading()}

    def answer(self) -> None:
        """Return if all answer."""
        self._each(lambda part: part.answer())

    def note(self, queues: Iterable[str]) -> None:
        """Each has queues of these names."""
        names = list(queues)
        self._each(lambda part: part.note(names))

    def forget_results(self, trial: int, unclean: bool) -> None:
        """Wherever they are."""
        self._each(lambda part: part.forget_results(trial, unclean))

    def waiting(self, queue: str) -> int:
        """On all of them."""
        return sum(self._each(lambda part: part.waiting(queue)))

    def remove_queue(self, name: str) -> None:
        """From each."""
        self._each(lambda part: part.remove_queue(name))

    def left(self, queue: str, trial: int) -> Left:
        """On any of them."""
        lefts = self._each(lambda part: part.left(queue, trial))
        return Left(
            frozenset().union(*(left.ready for left in lefts)), frozenset().union(*(left.held for left in lefts))
        )

    def clear(self, queue: str, trial: int) -> None:
        """Each of them."""
        self._each(lambda part: part.clear(queue, trial))

    def observed(self, queue: str) -> Observed:
        """What they say together: a queue that one of them has lost is lost."""
        seen = self._each(lambda part: part.observed(queue))
        commands: dict[str, int] = {}
        for one in seen:
            commands |= {name: commands.get(name, 0) + count for name, count in one.commands.items()}
        waiting = [one.waiting for one in seen if one.waiting is not None]
        return Observed(
            commands,
            is_bound=all(one.is_bound for one in seen),
            waiting=sum(waiting) if len(waiting) == len(seen) else None,
            evicted=sum(one.evicted for one in seen),
            knows_held=all(one.knows_held for one in seen),
            refused=sum(one.refused for one in seen),
        )

    def gone(self) -> str | None:
        """How one of them ended."""
        return next(filter(None, (part.gone() for part in self._parts)), None)

    def stopped(self) -> str | None:
        """Which of them a signal has stopped."""
        return next(filter(None, (part.stopped() for part in self._parts)), None)

    async def close(self, grace_s: float) -> None:
        """All of them."""
        for part in self._parts:
            await part.close(grace_s)

    def _each(self, call: Callable[[BrokerService], T]) -> list[T]:
        """What each returns; raises ServiceError that names the one that does not answer."""
        return [ask_blocking(part.peer, partial(call, part), limit_s=PART_LIMIT_S) for part in self._parts]

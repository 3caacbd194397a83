"""The brokers of a run, of each kind one or several shards: given ones, or servers of the run's own, by name."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from harness.errors import ServiceError
from harness.results import model
from harness.services.brokers.broker import EXTERNAL_PREFIX, KEEPER, RPC, BrokerKind, BrokerService, kind
from harness.services.calls import ask
from harness.services.shards import Shards
from harness.services.url import Url


class RunBrokers:
    """Opened once a boot, closed at its end."""

    def __init__(
        self, urls: Mapping[str, Sequence[Url]], result_backend: Url | None, *, external: bool, shards: int = 1
    ) -> None:
        """`urls`: kind of broker → those that were given. `external`: whether workers started elsewhere wait there.

        `shards`: how many of the run's own there are where none is given.
        """
        self._urls = urls
        self._result_backend = result_backend
        self._external = external
        self._number = shards
        self._open: dict[str, list[BrokerService]] = {}
        self._keepers: dict[tuple[Url | None, int], BrokerService] = {}
        """What keeps results, by URL, or None and a number for those of the run's own."""

    def missing(self, name: str) -> str | None:
        """Why no broker of that kind will be available; None if one will."""
        return None if name in self._urls else kind(name).cannot_start()

    def given(self, names: Iterable[str]) -> bool:
        """Whether all brokers of these kinds are the user's, so that none is started."""
        return set(names) <= set(self._urls)

    async def open(self, names: Iterable[str], key_prefix: str, folder: Path) -> None:
        """Open those of each kind; raises ServiceError if one is not available."""
        prefix = EXTERNAL_PREFIX if self._external else key_prefix
        for name in sorted(names):
            urls: Sequence[Url | None] = self._urls.get(name) or [None] * self._number
            opened = self._open.setdefault(name, [])
            for number, url in enumerate(urls):
                opened.append(await self._opened(name, url, number, prefix, folder))
                await _check_not_among(opened[:-1], opened[-1], kind(name))

    async def _opened(self, name: str, url: Url | None, number: int, prefix: str, folder: Path) -> BrokerService:
        if name == KEEPER:
            return await self._keeper(url, number, prefix, folder)
        results = await self._results(prefix, folder)
        return await kind(name).open(url, prefix, _place(folder, number), shared=self._external, results=results)

    async def _results(self, prefix: str, folder: Path) -> BrokerService | None:
        """What keeps the results of a broker that does not; None: they are messages."""
        url = self._result_backend or next(iter(self._urls.get(KEEPER, [])), None)
        if url == RPC or (url is None and self._external):
            return None
        return await self._keeper(url, 0, prefix, folder)

    async def _keeper(self, url: Url | None, number: int, prefix: str, folder: Path) -> BrokerService:
        key = url, number if url is None else 0
        if key not in self._keepers:
            self._keepers[key] = await kind(KEEPER).open(url, prefix, _place(folder, number), shared=self._external)
        return self._keepers[key]

    def __getitem__(self, name: str) -> BrokerService:
        """Its shards as one, where it has several."""
        shards = self._open[name]
        return shards[0] if len(shards) == 1 else Shards(shards)

    def __contains__(self, name: object) -> bool:
        return name in self._open

    def shards(self, name: str) -> Sequence[BrokerService]:
        """The brokers of that kind."""
        return self._open[name]

    def serving(self, name: str) -> list[BrokerService]:
        """The brokers of that kind, and what keeps the results if they do not do so themselves."""
        own = self._open[name]
        return [*own, *(keeper for keeper in self._keepers.values() if keeper not in own)]

    def described(self) -> list[model.BrokerDescription]:
        """For the results document; the default kind first."""
        return [
            msgspec.structs.replace(broker.describe(), shard=number if len(self._open[name]) > 1 else None)
            for name in sorted(self._open, key=lambda name: name != KEEPER)
            for number, broker in enumerate(self._open[name], start=1)
        ]

    def gone(self) -> str | None:
        """How one of the run's own ended; None while all run."""
        return next(filter(None, (broker.gone() for broker in self.opened())), None)

    async def close(self, grace_s: float) -> None:
        """Close all, those that keep results last."""
        for broker in self.opened():
            await broker.close(grace_s)

    def opened(self) -> list[BrokerService]:
        """All that are open, those that keep results last."""
        keepers = list(self._keepers.values())
        brokers = [broker for shards in self._open.values() for broker in shards]
        return [broker for broker in brokers if broker not in keepers] + keepers


async def _check_not_among(others: Sequence[BrokerService], broker: BrokerService, of: BrokerKind) -> None:
    """Raise ServiceError for a broker that is there already by another URL: its workers would be counted twice."""
    for other in others:
        if await ask(broker.peer, of.are_one, other, broker):
            raise ServiceError(
                f"{other.peer.shown} and {broker.peer.shown} are one broker ({broker.identity}). Give each --broker "
                "once; shards are different brokers, or databases or virtual hosts of one."
            )


def _place(folder: Path, number: int) -> Path:
    """Where the files of the run's own broker of that number lie, of whichever kind."""
    place = folder / f"shard-{number + 1}" if number else folder
    place.mkdir(exist_ok=True)
    return place
